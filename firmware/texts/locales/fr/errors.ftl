## Les refus : ce qui est refusé, la règle, comment faire.

example-login = elodie.durand
example-display-name = Mme Durand
example-box-name = École Jules-Ferry
example-mail-address = direction@ecole-exemple.fr
example-password = quatre mots sans rapport entre eux

name-empty = Ce champ ne peut pas rester vide. Écrivez par exemple : { $example }.
name-too-long = C’est trop long : { $max } caractères au plus. Écrivez par exemple : { $example }.
name-too-short = C’est trop court : { $min } caractères au moins. Écrivez par exemple : { $example }.
name-reserved = Ce nom est réservé au système. Écrivez par exemple : { $example }.
name-characters = Un des caractères n’est pas permis. Écrivez par exemple : { $example }.
name-taken = Ce nom est déjà pris. Choisissez-en un autre.

login-empty = Il faut un identifiant. Écrivez par exemple : { $example }.
login-characters = L’identifiant commence par une lettre et ne contient que des lettres minuscules sans accent, des chiffres, un point, un tiret ou un tiret bas. Écrivez par exemple : { $example }.
login-reserved = Le système garde cet identifiant pour lui. Écrivez par exemple : { $example }.
login-taken = Quelqu’un a déjà cet identifiant. Ajoutez par exemple un chiffre.
display-name-characters = Le nom ne peut pas contenir / \ : * ? " {"<"} {">"} ni |. Écrivez par exemple : { $example }.
box-name-characters = Le nom ne peut pas contenir / \ : * ? " {"<"} {">"} ni |. Écrivez par exemple : { $example }.
display-name-taken = Quelqu’un porte déjà ce nom. Ajoutez de quoi les distinguer, par exemple la classe.
mail-address-characters = Ce n’est pas une adresse de mail. Écrivez par exemple : { $example }.
mail-address-taken = Cette adresse est déjà dans la liste.
password-empty = Il faut un mot de passe d’au moins { $min } caractères, par exemple { $example }.
password-too-short = Ce mot de passe est trop court : { $min } caractères au moins. Prenez par exemple { $example }.
password-too-long = Ce mot de passe est trop long : { $max } octets au plus.
password-characters = Le mot de passe ne peut pas contenir de saut de ligne ni d’autre caractère invisible.

error-password-too-weak = Ce mot de passe se devine trop vite. Prenez par exemple quatre mots sans rapport entre eux.

error-wrong-code = Ce n’est pas le code du boîtier. Il a dix lettres ou chiffres et s’affiche sur l’écran branché au boîtier et dans le fichier code-du-boitier.txt de sa carte.
error-too-many-tries = Trop d’essais de suite. Recommencez dans { $seconds } secondes.
error-already-claimed = Ce boîtier a déjà un responsable. Connectez-vous avec son compte.
error-not-logged-in = Connectez-vous d’abord.
error-wrong-password = L’identifiant ou le mot de passe n’est pas le bon. Seuls les responsables du boîtier se connectent ici.
error-not-this-step = La mise en route n’en est pas à cette étape. Rechargez la page pour la reprendre où elle en est.
error-settings-lost = Les réglages du boîtier sont illisibles. Rien n’est changé tant qu’ils ne sont pas remis en état : montrez ce message à la personne qui vous aide.

error-not-json = La demande n’est pas du JSON valable : { $detail }.
error-unknown-field = Le champ « { $field } » n’existe pas ici. Enlevez-le.
error-missing-field = Le champ « { $field } » manque. Ajoutez-le.
error-wrong-type = Le champ « { $field } » n’a pas la forme attendue : { $detail }.
error-too-large = La demande est trop grande : { $max } octets au plus.
error-not-found = Il n’y a rien à cette adresse.
error-method-not-allowed = Cette adresse n’accepte pas ce verbe.
error-not-stored = La carte du boîtier n’a pas pu enregistrer ce changement. Rien n’est changé. Réessayez ; si cela revient, la carte est à remplacer.
error-system = Le boîtier n’a pas pu le faire. Rien n’est enregistré. Réessayez ; si cela revient, montrez le détail à la personne qui vous aide : { $detail }.

error-unknown-time-zone = Ce fuseau horaire n’existe pas. Écrivez par exemple : Europe/Paris.

error-disks-unreadable = Les disques ne peuvent pas être lus en ce moment. Réessayez dans une minute.
error-disk-gone = Ce disque n’est plus là. Rien n’a été effacé. Vérifiez qu’il est bien enfoncé et choisissez de nouveau.
error-other-serial = Ce n’est pas le disque que vous avez confirmé : son numéro de série est différent. Rien n’a été effacé.
error-contents-changed = Ce disque contient des données qui n’ont pas été confirmées. Rien n’a été effacé. Regardez ce qu’il contient et confirmez de nouveau.
error-no-such-disk = Ce disque n’est pas branché. Regardez la liste des disques.
error-no-self-test = Ce disque ne sait pas se contrôler lui-même.
error-copy-running = Une copie est en cours : les disques ont assez à faire. Réessayez quand elle est terminée.
error-disk-silent = Ce disque ne répond pas. Réessayez dans une minute ; s’il ne répond toujours pas, le boîtier vous préviendra.
error-all-blink = Tous les disques travaillent en ce moment et leurs voyants clignotent tous : celui-ci ne se reconnaîtrait pas. Attendez la fin de la copie ou de la relecture, ou comparez le numéro de série sur l’étiquette.
error-disk-asleep = Ce disque dort, et il faut le réveiller pour qu’il clignote. Ouvrez sa page et confirmez-le.
error-not-openable = Ce disque ne porte pas de fichiers que le boîtier sache lire, ou il appartient à un boîtier Préau. Il lit les disques de Windows, de Linux et les clés USB (NTFS, exFAT, FAT, ext4, btrfs), pas ceux des Mac.
error-disk-of-copies = Ce disque sert aux copies à l’abri. Retrouvez ses fichiers à la page « Copies à l’abri ».
error-disk-in-use = Ce disque sert déjà à l’espace. Choisissez-en un autre.
error-disk-too-small = Ce disque est trop petit : il en faut un d’au moins { $size }.
error-disk-count = Il faut choisir entre un et { $max } disques, tous différents.
error-layout-misfit =
    { $layout ->
        [single] Sans protection, il faut choisir un seul disque.
        [mirror] Pour des copies complètes, il faut choisir au moins deux disques.
        [parity] Pour qu’un disque puisse lâcher, il faut choisir au moins trois disques.
        [double_parity] Pour que deux disques puissent lâcher, il faut choisir au moins quatre disques.
       *[pairs] Pour des copies par paires, il faut choisir un nombre pair de disques : quatre, six ou huit.
    }
error-change-under-way = Un disque est déjà en train d’être copié, ajouté ou remplacé, ou il en manque un. Attendez que ce soit terminé.
error-growth-impossible = Un disque de plus ne peut pas apporter cela ici. Choisissez parmi ce que la page propose.
error-not-replaceable = Ce disque ne fait pas partie de l’espace, ou ne garde pas encore tout ce qu’il doit garder.
error-nothing-to-start = L’espace n’attend pas cet accord, ou ses disques ont changé depuis. Relisez la page.
error-volume-exists = L’espace existe déjà, sur d’autres disques. Il n’est pas remplacé.
error-no-volume = Il n’y a pas encore d’espace. Choisissez d’abord les disques.
error-nothing-to-replace = Aucun disque n’est à remplacer.
error-not-held-out = Ce disque n’est pas laissé de côté : il n’y a rien à reprendre.

error-no-scrub = Aucune relecture des disques n’est en cours. Lancez-en une d’abord.
error-last-admin = C’est le dernier responsable du boîtier : il en faut un. Nommez-en un autre avant.
error-no-such-person = Personne n’a cet identifiant.
error-no-such-incident = Il n’y a pas d’incident ouvert avec ce numéro.

error-mail-host = Ce n’est pas un nom de serveur. Écrivez par exemple : smtp.exemple.fr.
error-mail-port = Ce n’est pas un port. Écrivez 465 pour TLS, ou 587 pour STARTTLS.
error-mail-recipients = Il faut de 1 à 10 destinataires.
error-mail-certificate = Ce n’est pas un certificat au format PEM. Il commence par -----BEGIN CERTIFICATE-----.
error-mail-login = L’identifiant du serveur de mail ne peut pas rester vide ni dépasser { $max } caractères.
error-mail-not-set = Aucun serveur de mail n’est réglé. Réglez-le d’abord.
error-wrong-mail-code = Ce n’est pas le code du mail d’essai. Il a six chiffres et se trouve dans l’objet du mail.
error-no-mail-code = Il n’y a pas de code en attente, ou il a plus d’une heure. Envoyez un nouveau mail d’essai.

error-no-sheet = La fiche de secours n’existe pas encore : elle est faite avec le premier compte. Terminez d’abord cette étape.
error-other-words-asked = Le boîtier demande d’autres mots de la fiche. Rechargez la page.
error-wrong-word = Ce n’est pas le mot n° { $place } de la fiche. Vérifiez que c’est bien la dernière imprimée, et recopiez le mot entier.

sheet-wrong-word = n° { $place } « { $word } »
error-sheet-count = La fiche a douze mots (et chacune de ses parties, quinze) ; il y en a { $found } ici. Écrivez-les tous, dans l’ordre, séparés par des espaces.
error-sheet-words = Ces mots ne sont pas possibles : { $words }. Comparez-les avec la feuille.
error-sheet-one-part = C’est la partie n° { $number } de la fiche, et il en faut deux. Tapez à la suite les quinze mots d’une autre partie.
error-sheet-same-part = C’est deux fois la partie n° { $number }. Il faut deux parties différentes.
error-sheet-other-part = Ces deux parties ne viennent pas de la même fiche. Comparez le nom du boîtier et la date sur les feuilles.
error-sheet-checksum = Chacun de ces mots est possible, mais l’un n’est pas le bon ou deux ont changé de place. Comparez-les un à un avec la feuille.
error-other-sheet = Ces mots sont ceux d’une autre fiche. Cherchez celle qui porte le nom de ce boîtier et la date la plus récente.
error-wrong-sheet = Cette fiche n’est pas celle de ces disques. Rien n’a été écrit sur eux. Cherchez la feuille qui porte le nom de l’ancien boîtier.
error-no-such-set = Ces disques ne sont plus là. Enfoncez-les bien dans leurs baies et cherchez de nouveau.
error-set-unreadable = Ces disques ne se laissent pas lire. Rien n’a été écrit sur eux. Vérifiez que tous sont bien enfoncés et recommencez ; si cela revient, montrez ce détail à la personne qui vous aide : { $detail }.
error-kept-nothing = Ces disques ne portent pas de réglages : l’ancien boîtier n’a pas eu le temps de les y garder. Rien n’a été écrit sur eux. Demandez à la personne qui vous aide avant d’effacer quoi que ce soit.
error-kept-newer = Ces disques viennent d’un boîtier plus récent. Rien n’a été écrit sur eux. Mettez d’abord ce boîtier à jour.
error-kept-damaged = La fiche est la bonne, mais les réglages gardés sur ces disques sont abîmés. Rien n’a été écrit sur eux. Montrez ce détail à la personne qui vous aide : { $detail }.
## Les copies à l’abri.

error-no-such-destination = Cette destination n’existe pas, ou plus.
error-too-many-destinations = Il y a déjà { $max } destinations, le nombre le plus grand. Retirez-en une d’abord.
error-destination-name = Donnez un nom à cette destination, de { $max } caractères au plus. Par exemple : Mairie.
error-destination-taken = Une autre destination porte déjà ce nom. Choisissez-en un autre.
error-destination-host = Ce n’est pas un nom de serveur. Écrivez par exemple : sauvegarde.mairie.fr.
error-destination-url = L’adresse doit commencer par https:// et ne contenir ni identifiant ni mot de passe. Par exemple : https://nuage.exemple.fr/remote.php/dav/files/ecole/Preau.
error-destination-field = Ce champ est vide, trop long, ou commence par un tiret. Corrigez-le.
error-destination-days = Choisissez au moins une nuit par semaine.
error-destination-hour = L’heure va de 0 à 23.
error-destination-keep = Gardez au moins une copie.
error-destination-speed = C’est trop lent : il faut au moins { $min } kilobits par seconde.
error-school-hours = La fin de la classe vient après le début, et au plus tard à 24 h. Par exemple : de 7 h à 19 h.
error-nothing-runs = Rien n’est en cours pour cette destination.
error-no-such-share = Cet espace n’existe pas sur le boîtier, ou n’est pas accessible pour le moment.
error-not-confirmed = Reprendre les fichiers à leur place remplace ceux qui y sont. Confirmez que c’est voulu.
error-strike-not-confirmed = « { $what } » disparaîtrait pour toujours de toutes les copies : rien n’a été effacé. Si c’est voulu, cochez la case qui le nomme.
error-strike-name = Ce nom contient des signes que le boîtier ne sait pas écrire : il ne peut pas être effacé seul. Effacez le dossier qui le contient.
