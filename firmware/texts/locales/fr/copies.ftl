## Les copies à l’abri : ce qui a été fait, ce qui vient, ce qui manque.

copies-headline-nowhere = Vos fichiers n’ont pas encore de copie à l’abri : un incendie ou un vol emporterait tout.
copies-headline-problem = La dernière copie à l’abri n’a pas réussi.
copies-headline-waiting = La copie à l’abri attend quelque chose de vous.
copies-headline-running = La copie à l’abri est en cours.
copies-headline-good = La copie à l’abri est à jour.
copies-headline-new = La première copie à l’abri va bientôt commencer.
copies-headline-off = Les copies à l’abri sont suspendues.

copies-status-last = Dernière copie vers « { $name } », { $moment } : { $result }
copies-next = { $work } : { $moment }.
copies-next-soon = { $work } : dans un instant.

copies-none-yet = Aucune copie n’y a encore été faite.
copies-last-good = Dernière copie réussie : { $moment }.
copies-off = Les copies vers cette destination sont suspendues.

copies-wait-sheet = Imprimez d’abord la fiche de secours : sans elle, personne ne pourrait rouvrir la copie.
copies-wait-volume = Les fichiers du boîtier ne sont pas accessibles pour le moment ; la copie attend.
copies-wait-disk = Branchez le disque : la copie commencera toute seule.
copies-wait-clock = Le boîtier n’est pas sûr de l’heure ; la copie attend qu’il la retrouve sur Internet.

copies-hold-vanished = Beaucoup plus de fichiers que d’habitude ont disparu de « { $share } » : { $files } sur { $of }, vus { $moment }. Rien n’est effacé des copies tant que vous n’avez pas confirmé que c’était voulu.
copies-hold-clock = Le boîtier n’est pas sûr de l’heure : aucune ancienne copie n’est effacée pour l’instant.
copies-hold-not-proved = La dernière vérification a échoué : aucune ancienne copie n’est effacée pour l’instant.

copy-work-init = Préparation de la destination
copy-next-back-up = Prochaine copie
copy-work-back-up = Copie
copy-work-forget = Tri des anciennes copies
copy-work-prune = Ménage à la destination
copy-work-check = Contrôle de la copie
copy-work-check-data = Relecture d’une partie de la copie
copy-work-drill = Vérification par reprise de fichiers
copy-work-restore = Reprise de fichiers
copy-work-strike = Effacement dans les copies

copy-doing-init = La destination se prépare.
copy-doing-back-up = La copie est en cours. L’école peut continuer à travailler.
copy-doing-forget = Les anciennes copies sont triées.
copy-doing-prune = La place qui ne sert plus est rendue.
copy-doing-check = La copie est contrôlée.
copy-doing-check-data = Une partie de la copie est relue.
copy-doing-drill = Quelques fichiers sont repris et comparés.
copy-doing-restore = Vos fichiers sont en train de revenir.
copy-doing-strike = Ce que vous avez demandé est effacé des copies.

copies-percent = { $percent } %
copies-left = encore { $rest }
copies-speed = { $speed } par seconde
copies-comparing = Ce qui est revenu est relu
copies-begins = Cela commence.

copies-run-goes-on = En cours.
copies-run-cut = Le travail s’est arrêté en route, par exemple par une coupure de courant. Le boîtier le reprend tout seul.
copies-run-done = Fait.
copies-run-copied = { $files ->
    [one] { $files } fichier
   *[other] { $files } fichiers
} à l’abri, dont { $new ->
    [0] aucun nouveau
    [one] { $new } nouveau ou changé
   *[other] { $new } nouveaux ou changés
} ; { $sent } envoyés.
copies-run-drilled = { $files ->
    [one] { $files } fichier repris et comparé : identique.
   *[other] { $files } fichiers repris et comparés : identiques.
}
copies-run-drilled-whole = { $files ->
    [one] Tout l’espace repris et comparé, { $files } fichier : identique.
   *[other] Tout l’espace repris et comparé, { $files } fichiers : identiques.
}
copies-run-checked = Tout est là ; { $read } relus.
copies-run-restored = { $files ->
    [one] { $files } fichier est revenu.
   *[other] { $files } fichiers sont revenus.
}
copies-run-restored-partly = { $files } fichiers sont revenus ; pour quelques-uns, les droits d’accès n’ont pas pu être remis.
copies-run-forgotten = { $removed } anciennes copies triées, { $kept } gardées.
copies-run-pruned = { $freed } rendus.
copies-run-struck = « { $what } » : { $copies ->
    [0] aucune copie ne l’avait.
    [one] effacé de { $copies } copie.
   *[other] effacé de { $copies } copies.
}
copies-run-not-struck = Cette destination garde tout ce qu’elle a reçu : rien ne peut y être effacé.

copies-restored-folder = Restauré le { $moment }

## Les pages des copies à l’abri.

nav-copies = Copies à l’abri
copies-card-link = Voir les copies à l’abri
copies-title = Copies à l’abri
copies-why = Chaque nuit, le boîtier peut envoyer une copie chiffrée de vos fichiers ailleurs : à la mairie, dans une autre école, sur un disque gardé à la maison. Là-bas, personne ne peut la lire. Il vérifie chaque semaine qu’elle peut revenir.
copies-add-button = Ajouter une destination
copies-add-title = Ajouter une destination
copies-change-title = Changer une destination
copies-cancel-button = Arrêter
copies-accept-button = C’était voulu
copies-files-button = Retrouver un fichier
copies-run-button = Copier maintenant
copies-drill-button = Vérifier maintenant
copies-change-button = Changer les réglages
copies-runs = Ce qui a été fait
copies-remove = Retirer cette destination
copies-remove-means = Plus rien n’y sera copié. Ce qui est déjà là-bas y reste.
copies-remove-button = Retirer « { $name } »
copies-back = Revenir aux copies à l’abri
copies-proved = Des fichiers ont été repris et comparés { $moment } : identiques.
copies-place-disk = Disque USB { $disk }
copies-nights-good = Ces cinq dernières semaines : { $count ->
    [0] aucune nuit avec une copie
    [one] { $count } nuit avec une copie
   *[other] { $count } nuits avec une copie
}
copies-nights-without = { $count } sans.

copies-kind-question = Où mettre la copie à l’abri ?
copies-kind-why = Choisissez un lieu qui ne brûlerait pas avec l’école.
copies-kind-sftp = Un serveur de la mairie ou d’une autre école
copies-kind-sftp-what = Un serveur où l’on se connecte en SFTP (SSH).
copies-kind-usb-disk = Un disque USB
copies-kind-usb-disk-what = On le branche le vendredi, on le garde à la maison.
copies-kind-web-dav = Nextcloud, kDrive
copies-kind-web-dav-what = Un espace en ligne qui donne une adresse WebDAV.
copies-kind-s3 = Un hébergeur S3
copies-kind-s3-what = Un bucket chez un fournisseur, ou un Garage de plusieurs écoles.
copies-kind-rest = Un serveur restic
copies-kind-rest-what = Un serveur restic REST, pour qui en a un.

copies-name-field = Nom de la destination
copies-name-hint = Celui que les mails utiliseront. Par exemple : Mairie.
copies-host-field = Serveur
copies-host-hint = Par exemple : sauvegarde.mairie.fr
copies-port-hint = D’habitude 22
copies-user-field = Identifiant
copies-user-hint = Le compte que la destination vous a donné.
copies-folder-field = Dossier
copies-folder-hint = Là où ira la copie. Il est créé s’il n’existe pas.
copies-login-field = Connexion
copies-login-hint = La clé du boîtier est plus sûre qu’un mot de passe.
copies-login-key = Avec la clé du boîtier
copies-login-password = Avec un mot de passe
copies-key-give = Donnez cette ligne à la personne qui s’occupe du serveur : elle l’ajoute à « authorized_keys ».
copies-key-unknown = Le serveur montre cette empreinte pour la première fois.
copies-key-changed = Le serveur montre une autre empreinte qu’avant.
copies-key-means = Rien n’a encore été envoyé. Demandez à la personne qui s’occupe du serveur si c’est bien la sienne. Si oui, confirmez ci-dessous ; retapez le mot de passe s’il y en a un.
copies-confirm-button = C’est bien cette empreinte : enregistrer
copies-store-button = Essayer et enregistrer
copies-busy = Le boîtier essaie la destination…
copies-secret-field = Mot de passe ou clé secrète
copies-secret-hint = Il reste dans le boîtier et n’est plus jamais montré.
copies-secret-kept = Il est enregistré. Laissez vide pour le garder.
copies-secret-sftp = À remplir seulement si la connexion se fait avec un mot de passe.
copies-url-field = Adresse
copies-url-hint = Elle commence par https:// et finit par le dossier où ira la copie.
copies-bucket-field = Bucket
copies-bucket-hint = Son nom chez le fournisseur. Il doit exister.
copies-region-field = Région
copies-region-hint = Celle du fournisseur ; « auto » s’il n’en a pas.
copies-access-field = Clé d’accès
copies-access-hint = La partie publique de la clé. La partie secrète se tape plus bas.
copies-certificate-field = Certificat à accepter
copies-certificate-hint = Seulement si la personne qui s’occupe du serveur vous en a donné un.
copies-disk-field = Disque
copies-disk-hint = La copie ira dans un dossier « Préau » ; le reste du disque n’est pas touché.
copies-disk-none = Aucun disque USB n’est branché. Branchez-le, puis rechargez cette page.
copies-disk = { $name }, { $size }
copies-when = Quand copier
copies-hour-field = Heure
copies-hour-hint = De 0 à 23, à l’heure du boîtier. La copie commence dans l’heure qui suit.
copies-hour-wrong = L’heure est un nombre de 0 à 23.
copies-days-field = Nuits
copies-gentle = Envoyer doucement pendant les heures de classe (réglées à la page « Disques »)
copies-suspend = Suspendre les copies vers cette destination
day-monday = lundi
day-tuesday = mardi
day-wednesday = mercredi
day-thursday = jeudi
day-friday = vendredi
day-saturday = samedi
day-sunday = dimanche

copies-files-title = Retrouver un fichier
copies-day-field = Jour
copies-day-hint = Les fichiers tels qu’ils étaient ce jour-là.
copies-day-button = Voir ce jour
copies-day = { $moment } — { $share }
copies-search-field = Chercher par le nom
copies-search-hint = Une partie du nom suffit, par exemple : carnaval. Tous les jours sont regardés.
copies-search-button = Chercher
copies-crumbs = Dossiers
copies-empty = Rien ici.
copies-more = Il y en a d’autres. Écrivez une plus grande partie du nom.
copies-restore-link = Reprendre
copies-restore-folder-link = Reprendre tout ce dossier
copies-restore-all = Reprendre tout l’espace « { $share } »
copies-restore-title = Reprendre « { $name } »
copies-restore-from = Tel qu’il était { $moment }.
copies-beside-means = Il sera posé dans un nouveau dossier « Restauré le… » de l’espace. Rien n’est remplacé.
copies-beside-button = Reprendre à côté
copies-over = Le remettre à sa place
copies-over-means = Oui : s’il y a aujourd’hui un fichier du même nom à cet endroit, il est remplacé par celui de la copie.
copies-over-button = Remplacer par la copie

## Effacer dans toutes les copies.

copies-strike = L’effacer de toutes les copies
copies-strike-what = « { $what } », avec tout ce qu’il contient si c’est un dossier, disparaît de toutes les copies, dans toutes les destinations. Rien ne pourra plus en être repris, jamais.
copies-strike-file = Le fichier « { $what } » disparaît de toutes les copies, dans toutes les destinations. Il ne pourra plus jamais être repris.
copies-strike-folder = Le dossier « { $what } » et tout ce qu’il contient disparaissent de toutes les copies, dans toutes les destinations. Rien ne pourra plus en être repris, jamais.
copies-strike-also = Cela n’efface que les copies. S’il est encore dans l’espace « { $share } », supprimez-le là-bas d’abord : la prochaine copie le reprendrait. Les versions précédentes le gardent tant que le boîtier ne les retire pas.
copies-strike-confirm = Oui, effacer « { $what } » pour toujours.
copies-strike-button = Effacer de toutes les copies
copies-strikes = À effacer des copies
copies-strike-by = « { $what } » : effacé au plus tard le { $day }, si la destination répond.
copies-strike-disk = « { $what } » : sera effacé dès que le disque sera branché.
copies-strike-clock = « { $what } » : sera effacé dès que le boîtier sera sûr de l’heure.
copies-strike-later = « { $what } » : sera effacé dès que les copies reprendront.
copies-strike-off = « { $what } » : reste là-bas tant que les copies vers cette destination sont suspendues.
copies-strike-never = « { $what } » : ne peut pas être effacé ici. Cette destination garde tout ce qu’elle a reçu ; demandez à la personne qui s’en occupe.
copies-strikes-withdraw = Ne plus le demander ici
