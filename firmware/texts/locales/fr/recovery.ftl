## Un boîtier neuf, à partir d’une copie à l’abri et de la fiche de secours.

# Le nom d’un lieu que l’ancien boîtier ne connaissait pas.
recovery-place-name = Copie d’où tout est revenu

copies-wait-recovery = Les fichiers reviennent d’abord de la copie à l’abri ; les copies de nuit reprendront ensuite.

error-copy-without-settings = Il y a bien une copie à cet endroit, mais sans les réglages d’un boîtier : elle ne peut pas en refaire un. Créez un compte ici comme sur un boîtier neuf ; la personne qui vous aide pourra reprendre les fichiers avec restic (restic restore latest --path /commun).
error-copy-newer = Cette copie vient d’un boîtier plus récent. Rien n’y a été changé. Mettez d’abord ce boîtier à jour.
error-copy-settings-damaged = La fiche est la bonne, mais les réglages gardés dans cette copie sont abîmés. Rien n’y a été changé. Essayez une autre copie si vous en avez une, et montrez ce détail à la personne qui vous aide : { $detail }.
error-sheet-of-other-copy = Cette fiche n’ouvre pas la copie qui est à cet endroit. Cherchez la feuille qui porte le nom de l’ancien boîtier, ou vérifiez le dossier.
error-key-of-sheet-refused = Le serveur ne reconnaît pas la clé que donne cette fiche. Comparez le compte, le dossier et les mots avec ce que l’ancien boîtier utilisait, ou choisissez le mot de passe.
error-disks-too-small = Les fichiers de la copie ne tiennent pas sur ces disques : il faut au moins { $size }. Choisissez d’autres disques, ou une autre protection.
error-nothing-found = Le boîtier n’a plus la copie sous les yeux. Dites encore une fois où elle est.

recovery-files =
    { $count ->
        [one] { $count } fichier
       *[other] { $count } fichiers
    }

## Les pages de l’assistant

recovery-offer-early = Le boîtier a brûlé ou a été volé ?
recovery-offer = Nous avons une copie ailleurs et notre fiche de secours
recovery-offer-why = Avec la copie à l’abri et la fiche de secours, ce boîtier retrouve les réglages, les comptes et les fichiers de l’ancien.
recovery-kind-question = Où est la copie à l’abri ?
recovery-kind-why = Le boîtier va lire cette copie. Il n’y change rien.
recovery-kind-sftp = Sur un serveur de la mairie ou d’une autre école
recovery-kind-usb-disk = Sur un disque USB
recovery-kind-usb-disk-what = Branchez-le maintenant.
recovery-kind-web-dav = Sur Nextcloud, kDrive
recovery-kind-s3 = Chez un hébergeur S3
recovery-kind-rest = Sur un serveur restic
recovery-title = Retrouver l’ancien boîtier
recovery-why = Dites où est la copie, et recopiez la fiche de secours. Le boîtier vous montrera ce qu’il y trouve avant de faire quoi que ce soit.
recovery-where = Où est la copie
recovery-sheet = La fiche de secours
recovery-folder-hint = Celui où l’ancien boîtier mettait ses copies.
recovery-login-hint = La clé de l’ancien boîtier se refait à partir de la fiche : s’il s’en servait, choisissez-la.
recovery-login-key = Avec la clé de l’ancien boîtier
recovery-secret-hint = Celui que l’ancien boîtier utilisait. La personne qui s’occupe de ce lieu peut en donner un autre.
recovery-look-button = Chercher ce qu’il y a dans la copie
recovery-look-busy = Lecture de la copie… Cela peut prendre deux minutes.
recovery-other-place = La copie est ailleurs
recovery-found-title = Voici ce que la copie contient
recovery-found-name = L’ancien boîtier
recovery-found-unnamed = Un boîtier sans nom
recovery-found-settings = Réglages copiés { $moment }
recovery-found-people =
    { $count ->
        [one] Un compte : { $names }
       *[other] { $count } comptes : { $names }
    }
recovery-found-share = Espace « { $share } » : { $counted }, { $size }
recovery-found-share-unknown = Espace « { $share } »
recovery-found-share-at = Tels qu’ils étaient dans la copie faite { $moment }
recovery-found-no-share = Aucun fichier n’était encore arrivé dans cette copie. Les réglages et les comptes, eux, y sont.
recovery-found-destinations = Copies à l’abri vers : { $names }
recovery-found-old = L’ancien boîtier existe encore ? Ne le rallumez plus : deux boîtiers ne doivent pas écrire dans la même copie.
recovery-found-button = C’est bien lui : choisir les disques
recovery-disks-title = Sur quels disques remettre ces fichiers ?
recovery-disks-why = Les disques choisis sont effacés, puis les fichiers de la copie y reviennent. Il faut au moins { $size } de place.
recovery-disks-why-plain = Les disques choisis sont effacés, puis les fichiers de la copie y reviennent.
recovery-confirm-button = Effacer ces disques et faire revenir les fichiers
recovery-decided-title = Le boîtier prend la place de l’ancien
recovery-decided-lead = Les réglages, les comptes et les mots de passe de l’ancien boîtier sont repris. Les disques se préparent, puis les fichiers reviennent tout seuls.
recovery-decided-login = Connectez-vous dans une minute avec votre ancien identifiant et votre ancien mot de passe : la page dit où en est le retour des fichiers.
recovery-decided-power = Vous pouvez fermer cette page. Une coupure de courant n’est pas grave : le boîtier reprend là où il en était.
recovery-decided-sheet = La même fiche de secours reste valable : remettez-la à sa place.

## Pendant que les fichiers reviennent

coming-title = Le retour des fichiers
coming-running = Les fichiers reviennent de « { $from } ».
coming-trying = « { $from } » ne répond pas comme il faut. Le boîtier essaiera de nouveau tout seul.
coming-stopped = Le retour des fichiers depuis « { $from } » n’avance plus.
coming-wait-disk = Branchez le disque « { $from } » : les fichiers reviendront tout seuls.
coming-wait-volume = Les disques se préparent. Ensuite, les fichiers reviendront de « { $from } ».
coming-share-back = L’espace « { $share } » est revenu.
coming-share = L’espace « { $share } » : { $counted }, { $size }.
coming-share-unknown = L’espace « { $share } ».
coming-meanwhile = Laissez le boîtier allumé et branché au réseau. L’espace commun s’ouvrira quand tout sera revenu, et les copies de nuit reprendront.
coming-again = Essayer à nouveau
coming-leave = Ouvrir l’espace avec ce qui est revenu
coming-leave-why = Ce qui manque reste dans la copie : vous pourrez le reprendre plus tard à la page « Copies à l’abri ».
coming-leave-agree = J’ai compris que des fichiers manquent sur ce boîtier

## Les messages

incident-files-coming-title = Vos fichiers reviennent de la copie à l’abri
incident-files-coming-what = Ce boîtier a pris la place de l’ancien. { $counted } ({ $bytes }) reviennent de « { $destination } ». La copie a été faite { $copied }.
incident-files-coming-safe = Oui. La copie reste entière : le boîtier la lit sans rien y changer.
incident-files-coming-do-1 = Laissez le boîtier allumé et branché au réseau. Une coupure de courant n’est pas grave : il reprend là où il en était.
incident-files-coming-do-2 = L’espace commun s’ouvrira quand tout sera revenu. La page http://preau.local dit combien de temps il reste.
incident-files-coming-closed-title = Le retour des fichiers est terminé
incident-files-coming-closed-what = Depuis { $until }, plus rien n’est à faire revenir de « { $destination } ».
incident-files-coming-closed-safe = Oui.

incident-files-stopped-title = Des fichiers ne reviennent pas de la copie à l’abri
incident-files-stopped-what = Le retour des fichiers depuis « { $destination } » n’avance plus. { $failure }
incident-files-stopped-safe = Ce qui est déjà revenu est sur le boîtier. Le reste n’est que dans la copie à l’abri : ne l’effacez pas.
incident-files-stopped-do-1 = Ouvrez http://preau.local : la page dit ce qui bloque et quel espace manque encore.
incident-files-stopped-do-2 = Corrigez, puis choisissez « Essayer à nouveau ».
incident-files-stopped-do-3 = Si vous n’y arrivez pas, montrez ce message à la personne qui s’occupe de « { $destination } », avec le détail technique.
incident-files-stopped-when = Cette semaine.
incident-files-stopped-closed-title = Le retour des fichiers reprend
incident-files-stopped-closed-what = Depuis { $until }, le retour des fichiers depuis « { $destination } » n’est plus arrêté.
incident-files-stopped-closed-safe = Oui. Ce qui n’est pas encore revenu est dans la copie à l’abri.

incident-files-back-title =
    { $whole ->
        [yes] Tous vos fichiers sont revenus
       *[no] Vos fichiers sont revenus, sauf une partie
    }
incident-files-back-what =
    { $whole ->
        [yes] { $counted } ({ $bytes }) sont revenus de « { $destination } », tels qu’ils étaient dans la copie faite { $copied }. L’espace est ouvert, et les copies de nuit reprennent.
       *[no] { $counted } ({ $bytes }) sont revenus de « { $destination } », tels qu’ils étaient dans la copie faite { $copied }. Tout n’est pas là : { $missing }. L’espace est ouvert, et les copies de nuit reprennent.
    }
incident-files-back-safe =
    { $whole ->
        [yes] Oui. Ils sont sur le boîtier, et toujours à l’abri ailleurs.
       *[no] Ceux qui sont revenus, oui. Ce qui manque est toujours dans la copie à l’abri.
    }
incident-files-back-do-1 =
    { $whole ->
        [yes] Ouvrez l’espace et vérifiez quelques dossiers. Ce qui a été fait après cette copie est à refaire.
       *[no] Ouvrez l’espace et regardez ce qui manque. À la page « Copies à l’abri », vous pouvez le chercher et le reprendre.
    }
incident-files-back-closed-title = Le retour des fichiers est ancien
incident-files-back-closed-what = Depuis { $until }, plus rien n’est à signaler sur le retour des fichiers.
incident-files-back-closed-safe = Oui.

files-back-missing-shares = l’espace { $shares } n’est pas revenu en entier
files-back-missing-some = { $incomplete } fichiers ou droits d’accès n’ont pas pu être écrits

headline-files-coming = Vos fichiers reviennent de la copie à l’abri.
headline-files-stopped = Des fichiers ne reviennent pas de la copie à l’abri. Elle les a toujours.
headline-files-back = Vos fichiers sont revenus de la copie à l’abri.
