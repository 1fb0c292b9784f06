## Les textes des pages.

skip-link = Aller au contenu
nav-label = Pages
nav-home = État
nav-people = Personnes
nav-mail = Mails
nav-history = Historique
nav-certificate = Connexion sûre
nav-sheet = Fiche de secours
logout = Quitter
language-name = Français
technical-detail = Détail technique, pour la personne qui vous aide
password-field = Mot de passe
password-show = Montrer
password-hide = Cacher
connection-lost = Cette page ne reçoit plus de nouvelles du boîtier. Vérifiez qu’il est allumé et relié au réseau ; la page se remettra à jour d’elle-même.

# Quand une page ne peut pas être montrée.
trouble-starting-title = Le boîtier démarre
trouble-starting-what = Il sera prêt dans un instant. Vous n’avez rien à faire.
trouble-again = Cette page essaie de nouveau toute seule.
trouble-home = Revenir à l’accueil
trouble-odd-title = Cette page ne peut pas être montrée
trouble-odd-what = Le boîtier a donné une réponse inattendue. Vos fichiers ne sont pas touchés. Réessayez dans une minute ; si rien ne change, débranchez puis rebranchez le boîtier.
trouble-refused-title = Ce n’est pas possible maintenant
trouble-not-found-title = Il n’y a rien à cette adresse
trouble-not-found-what = Vérifiez l’adresse, ou revenez à l’accueil.
trouble-cross-site-title = Demande refusée
trouble-cross-site-what = Cette demande ne vient pas d’une page du boîtier. Revenez à l’accueil et recommencez.
trouble-malformed-title = Demande refusée
trouble-malformed-what = Le boîtier n’a pas compris ce qui a été envoyé, ou c’était trop long. Revenez en arrière et recommencez.
trouble-host = Ce nom n’est pas celui du boîtier. Ouvrez https://preau.local
call-cross-site = Cette demande ne vient pas d’une page du boîtier.
call-too-large = La demande dépasse 64 Kio.
call-cut-short = La demande n’est pas arrivée en entier. Recommencez.
call-address = Cette adresse n’est pas valable.
call-starting = Le boîtier démarre. Réessayez dans un instant.
call-https-only = Rien ne peut être envoyé sans protection. Utilisez https://.

# La page sans protection, qui mène à l’autre.
plain-title = Bienvenue sur Préau
plain-lead = Ce boîtier garde les fichiers de l’école. Pour que personne sur le réseau ne lise vos mots de passe, la page suivante est chiffrée.
plain-step-open = Appuyez sur le bouton ci-dessous.
plain-step-warning = La première fois, votre navigateur affiche un avertissement. C’est normal : il ne connaît pas encore ce boîtier.
plain-step-go-on = Choisissez « Avancé » ou « Paramètres avancés », puis « Continuer vers le site » ou « Accepter le risque ».
plain-button = Ouvrir la page du boîtier
plain-why = Pourquoi cet avertissement ?
plain-why-text = Un site d’internet fait confirmer son identité par une société que les navigateurs connaissent. Le boîtier reste chez vous : il a fabriqué lui-même son certificat, unique. La connexion est bien chiffrée ; le navigateur demande seulement si c’est vraiment votre boîtier. Pour en être certain, comparez l’empreinte ci-dessous avec celle qui est affichée sur l’écran branché au boîtier.
authority-title = Ne plus voir l’avertissement
authority-why = Installez le certificat du boîtier sur les ordinateurs qui s’en servent souvent. Il ne vaut que pour ce boîtier, sur votre réseau.
authority-download = Télécharger le certificat
authority-how = Comment l’installer ?
authority-windows = Renommez le fichier en preau-ca.crt et ouvrez-le. Choisissez « Installer un certificat », « Ordinateur local », puis le magasin « Autorités de certification racines de confiance ».
authority-macos = Ouvrez le fichier : il s’ajoute au Trousseau d’accès. Ouvrez-y « Préau », puis dans « Se fier » choisissez « Toujours approuver ».
authority-firefox = Paramètres, « Vie privée et sécurité », « Afficher les certificats », « Autorités », « Importer ».
authority-android = Paramètres, « Sécurité », « Chiffrement et identifiants », « Installer un certificat », « Certificat CA ».
authority-ios = Ouvrez le fichier dans Safari, installez le profil dans Réglages, puis activez-le dans « Général », « Informations », « Réglages des certificats ».
fingerprint-title = Empreinte du certificat
fingerprint-why = La même est affichée sur l’écran branché au boîtier.
certificate-title = Connexion sûre
certificate-why = La liaison entre votre navigateur et le boîtier est chiffrée, avec un certificat que le boîtier a fabriqué lui-même.

# Connexion
login-title = Connexion
login-field = Identifiant
login-hint = Celui que vous avez choisi à la mise en route, par exemple elodie.durand.
login-password-hint = Les majuscules et les minuscules comptent.
login-button = Se connecter

# Mise en route
setup-progress = Étape { $step } sur { $steps }
setup-over = Mise en route terminée
language-title = Bienvenue
language-lead = Dans quelle langue le boîtier doit-il vous parler ?
language-greeting = Les pages et les mails seront en français.

code-title = Le code du boîtier
code-why = Il prouve que vous avez le boîtier sous la main. Personne d’autre sur le réseau ne peut le mettre en route à votre place.
code-where = Vous le trouverez :
code-where-screen = sur l’écran, si vous en branchez un au boîtier ;
code-where-card = ou sur sa carte mémoire, dans le fichier code-du-boitier.txt, que n’importe quel ordinateur sait ouvrir.
code-field = Code du boîtier
code-hint = Les espaces, les tirets et les majuscules n’ont pas d’importance.
code-button = Vérifier le code

admin-title = Votre compte
admin-why = C’est avec ce compte que vous veillerez sur le boîtier. Il ouvre aussi les fichiers partagés.
display-name-field = Nom
display-name-hint = Comme on vous appelle, par exemple Mme Durand.
login-new-hint = Ce que vous taperez pour vous connecter : des minuscules sans accent, des chiffres, un point ou un tiret.
password-new-hint = Au moins { $min } caractères. Trois ou quatre mots sans rapport entre eux font un bon mot de passe. Notez-le en lieu sûr.
admin-button = Créer mon compte

box-title = Le nom du boîtier
box-why = Il apparaît en haut des pages et dans l’objet des mails. L’heure sert à dater ce qui se passe.
box-name-field = Nom de l’école ou du lieu
box-name-hint = Par exemple : École Jules-Ferry.
zone-field = Heure locale
zone-hint = Choisissez l’endroit où se trouve le boîtier.
zone-group-france = France
zone-group-others = Ailleurs
zone-paris = France métropolitaine
zone-guadeloupe = Guadeloupe
zone-martinique = Martinique
zone-cayenne = Guyane
zone-reunion = La Réunion
zone-mayotte = Mayotte
zone-noumea = Nouvelle-Calédonie
zone-tahiti = Tahiti et îles de la Société
zone-marquesas = Îles Marquises
zone-gambier = Îles Gambier
zone-wallis = Wallis-et-Futuna
zone-miquelon = Saint-Pierre-et-Miquelon
box-button = Enregistrer le nom et l’heure

disks-title = Les disques
disks-why = Avec au moins deux disques, rien n’est perdu quand l’un d’eux lâche. L’étape suivante montre ce qui est possible, avant que rien ne soit effacé.
adopt-found = Ces disques viennent d’un autre boîtier Préau
adopt-disks =
    { $count ->
        [one] Un disque
       *[other] { $count } disques
    }
adopt-bays = {" "}(baie { $bays }).
adopt-used = Ils ont servi pour la dernière fois le { $day }.
adopt-missing =
    { $count ->
        [one] Il en manque un. S’il est quelque part, ajoutez-le avant de continuer ; sans lui, l’espace marche quand même, mais rien ne protège les fichiers.
       *[other] Il en manque { $count }. S’ils sont quelque part, ajoutez-les avant de continuer.
    }
adopt-offer = Reprendre ces disques
adopt-offer-why = Avec la fiche de secours de l’ancien boîtier, celui-ci retrouve ses réglages, ses comptes et ses fichiers. Rien n’est effacé.
adopt-offer-early = Vous remplacez un boîtier ou sa carte ? Ses disques sont là.
adopt-title = Reprendre ces disques
adopt-why = La carte ou le boîtier est neuf, et les disques sont les anciens : avec la fiche de secours, tout redevient comme avant.
adopt-words-field = Les douze mots de la fiche, ou deux de ses parties
adopt-words-hint = Dans l’ordre (les deux parties l’une après l’autre), séparés par des espaces. Les accents, les majuscules et les numéros ne comptent pas ; les quatre premières lettres de chaque mot suffisent.
adopt-means = Rien n’est écrit sur les disques avant que les mots soient reconnus. Ensuite, le compte que vous venez de créer ici disparaît : ce sont ceux de l’ancien boîtier qui comptent.
adopt-button = Ouvrir avec la fiche et reprendre
adopt-busy = Lecture des disques…
adopt-not-now = Pas maintenant
adopted-title = Le boîtier reprend sa place
adopted-lead = Les réglages, les comptes et les mots de passe de l’ancien boîtier sont repris. Les fichiers s’ouvrent dans une minute.
adopted-login = Connectez-vous avec votre ancien identifiant et votre ancien mot de passe.
adopted-people = Les ordinateurs de l’école retrouvent l’espace à la même adresse.
adopted-sheet = La même fiche de secours reste valable : remettez-la à sa place.
adopted-button = Se connecter
disks-unreadable = Les disques ne peuvent pas être lus pour le moment.
disks-legend = Choisissez les disques de l’espace
disks-none = Aucun disque n’est reconnu. Glissez les disques dans les baies, jusqu’au bout, puis cherchez de nouveau.
disks-choose-some = Choisissez au moins un disque.
disks-too-many = Choisissez au plus huit disques.
disks-one-too-small = Un des disques est trop petit pour l’espace. Laissez-le de côté.
disks-button = Continuer avec ces disques
disks-look-again = Chercher de nouveau
disk-blank = Vide
disk-has = Contient :
disk-serial-end = n° …{ "\u2060" }{ $serial }
disk-serial-whole = Numéro de série, écrit sur l’étiquette :
disk-full-label = { $model }, n° { $serial }
disks-confirm-title = Quelle protection ?
protection-why = Choisissez combien de disques peuvent lâcher. Plus il y en a, moins il reste de place.
protection-legend = La protection des fichiers
protection-usable = Environ { $size } utilisables
protection-recommended = conseillé
protection-leftover = Sur { $disk }, { $size } ne serviront pas : chaque disque compte comme le plus petit.
protection-better-without = Sans { $disk }, plus petit que les autres, il y aurait environ { $size } utilisables.
disks-erase-title = Les disques à effacer
disks-confirm-why = Ce qui est effacé ne peut pas être retrouvé. Comparez les numéros de série avec les étiquettes des disques.
disk-blank-consent = Ce disque est vide : rien n’y sera perdu.
disk-has-consent = Ce disque n’est pas vide. Il contient :
disk-erase-tick = J’accepte de perdre pour toujours tout ce que contient { $disk }.
disks-confirm-button = Effacer ces disques et créer l’espace
disks-choose-others = Choisir d’autres disques

volume-title = L’espace se prépare
volume-why = Le boîtier prépare les disques. Vous pouvez continuer pendant ce temps.
volume-continue = Continuer

people-title = Les personnes
people-why = Chaque personne qui se sert des fichiers a son propre identifiant.
role-admin = Veille sur le boîtier
role-member = Utilise les fichiers
person-add-title = Ajouter une personne
person-name-hint = Par exemple : Classe de CP, ou M. Martin.
person-login-hint = Laissez vide pour que le boîtier en propose un. Sinon : des minuscules sans accent, des chiffres, un point ou un tiret.
person-password-hint = Au moins { $min } caractères. Il ouvre les fichiers partagés ; notez-le pour cette personne.
person-add-button = Ajouter cette personne
person-remove = Retirer…
person-remove-means = Cette personne n’aura plus accès aux fichiers. Ceux qu’elle a déposés restent.
person-remove-button = Retirer { $name }
people-done-button = Continuer avec ces personnes
people-later = Vous pourrez en ajouter ou en retirer à tout moment.

mail-title = Les mails
mail-why = Quand un disque lâche, le boîtier écrit un mail qui dit quoi faire. Pour cela, il lui faut une adresse d’où l’envoyer.
mail-proved = Un mail d’essai est bien arrivé : ces réglages fonctionnent.
mail-to-title = Qui prévenir ?
mail-recipients-field = Adresses à prévenir
mail-recipients-hint = Une par ligne, dix au plus : la vôtre et celle de la personne qui vous remplace. Chacune reçoit son propre mail.
mail-from-title = D’où partent les mails ?
mail-from-field = Adresse d’envoi
mail-from-hint = Une adresse dont vous avez le mot de passe, par exemple celle de l’école.
mail-provider-field = Fournisseur de cette adresse
mail-provider-hint = Le boîtier connaît les réglages des plus courants.
mail-provider-other = Un autre
mail-provider-fill = Remplir les réglages
mail-provider-academie = Le serveur s’appelle en général smtp.ac- suivi du nom de l’académie, par exemple smtp.ac-lyon.fr. L’identifiant est celui de la messagerie, souvent sans la partie après @.
mail-provider-free = Il faut d’abord activer le « SMTP authentifié » dans votre espace Free.
mail-provider-laposte = Il faut d’abord autoriser les logiciels de messagerie dans les réglages de laposte.net.
mail-provider-gmail = Google demande un « mot de passe d’application », à créer dans votre compte Google. Le mot de passe habituel est refusé.
mail-provider-outlook = Microsoft refuse le plus souvent ce genre de connexion. Préférez une autre adresse si vous en avez une.
mail-provider-yahoo = Yahoo demande un « mot de passe d’application », à créer dans les réglages de sécurité du compte.
mail-login-field = Identifiant
mail-login-hint = Le plus souvent, l’adresse entière. Vide si le serveur n’en demande pas.
mail-password-hint = Celui de cette adresse.
mail-password-kept = Laissez vide pour garder celui qui est enregistré.
mail-host-field = Serveur d’envoi (SMTP)
mail-host-hint = Par exemple : smtp.orange.fr.
mail-port-field = Port
mail-port-hint = 465 ou 587.
mail-port-wrong = Le port est un nombre de 1 à 65535. Essayez 465 ou 587.
mail-security-field = Protection
mail-security-hint = Les mails partent toujours chiffrés.
mail-security-tls = TLS dès le début (port 465)
mail-security-starttls = STARTTLS (port 587)
mail-advanced = Serveur avec un certificat privé
mail-ca-field = Certificat de l’autorité, au format PEM
mail-ca-hint = Seulement si la personne qui vous aide vous l’a donné. Il commence par -----BEGIN CERTIFICATE-----.
mail-button = Enregistrer et envoyer un mail d’essai
mail-busy = Envoi en cours…
mail-later-button = Régler les mails plus tard
mail-later-means = D’ici là, le boîtier ne peut prévenir personne. Cette page reste à votre disposition.
mail-code-title = Le mail est‑il arrivé ?
mail-not-sent-title = Le mail d’essai n’est pas parti
mail-result-sent = Le serveur a accepté le mail.
mail-result-failed = Le mail n’est pas parti.
mail-code-why = Ouvrez le mail d’essai et recopiez ici ses six chiffres. S’il n’arrive pas en quelques minutes, regardez dans les indésirables.
mail-code-field = Code reçu par mail
mail-code-hint = Six chiffres.
mail-code-button = Confirmer que le mail est arrivé
mail-change = Changer les réglages
mails-waiting =
    { $count ->
        [one] Un mail attend de partir.
       *[other] { $count } mails attendent de partir.
    }

# La fiche de secours
sheet-title = La fiche de secours
sheet-why = Douze mots sur une feuille : si la carte du boîtier lâche, ils rouvrent les réglages et les comptes sur un boîtier neuf, avec les mêmes disques. Imprimez cette feuille, ou recopiez-la à la main.
sheet-print = Imprimer la fiche
sheet-print-how = Sans imprimante sous la main, recopiez les douze mots, dans l’ordre, au stylo.
sheet-printed = J’ai la fiche sur papier : continuer
sheet-what = Douze mots sur une feuille. Si la carte du boîtier lâche, ils rouvrent les réglages et les comptes sur un boîtier neuf, avec les mêmes disques.
sheet-made = La fiche a été faite le { $day }.
sheet-proved = Quelqu’un a la fiche : le boîtier l’a vérifié le { $day }.
sheet-not-proved = Le boîtier ne sait pas encore si quelqu’un a la fiche sur papier.
sheet-check = Recopier quatre mots de la fiche
sheet-again-title = La montrer de nouveau
sheet-again-why = Si elle est perdue ou illisible. Faites-le seul devant l’écran : qui lit ces mots et prend les disques peut ouvrir vos réglages.
sheet-password-hint = Celui de votre compte, encore une fois.
sheet-show-button = Montrer la fiche
sheet-parts-title = La fiche en trois parties
sheet-parts-offer = Partager le secret
sheet-parts-why = Trois feuilles, pour trois personnes : l’école, la mairie, une association par exemple. Deux d’entre elles ensemble remplacent la fiche ; une seule n’ouvre rien. Une feuille perdue s’imprime de nouveau, identique.
sheet-parts-button = Montrer les trois parties
sheet-parts-lead = Imprimez ces trois feuilles et donnez-les à trois personnes. Deux feuilles ensemble valent la fiche entière ; une seule n’ouvre rien.
sheet-parts-print = Imprimer les trois feuilles
sheet-parts-back = Revenir à la fiche
sheet-words-title = Avez-vous bien la feuille ?
sheet-words-why = Prenez la feuille et recopiez ces quatre mots. Le boîtier saura ainsi que quelqu’un l’a, et qu’elle se lit bien.
sheet-word = Mot n° { $place }
sheet-word-hint = Celui qui suit le chiffre { $place } sur la feuille. Les accents ne comptent pas.
sheet-words-button = Vérifier les quatre mots
sheet-words-back = Revoir la fiche
sheet-code-offer = Je garde la fiche en trois parties
sheet-code-why = Prenez deux des trois feuilles et recopiez-les l’une après l’autre, en entier. Le boîtier saura ainsi que quelqu’un les a, et qu’elles vont ensemble.
sheet-code-field = Les mots de deux feuilles
sheet-code-button = Vérifier les deux feuilles
sheet-later-button = Le faire plus tard
sheet-later-means = Un rappel reste sur la page d’état, et le boîtier le redemande par mail dans trente jours.
paper-title = Fiche de secours
paper-made = Faite le { $day }.
paper-what-for = Si la carte du boîtier lâche ou si le boîtier est remplacé, ces douze mots rouvrent les réglages, les comptes et les mots de passe qui sont gardés, chiffrés, sur les disques. Ils ouvrent aussi la copie faite ailleurs.
paper-qr = Les mêmes mots, pour l’appareil photo d’un téléphone.
paper-part-title = Fiche de secours, partie { $number } sur { $parts }
paper-part-what-for = Seule, cette feuille n’ouvre rien. Avec une autre des { $parts } parties, elle rouvre les réglages, les comptes et les mots de passe gardés sur les disques, et la copie faite ailleurs.
paper-part-keep = Gardez-la loin du boîtier et des autres parties.
paper-part-keep-secret = Ni photo, ni mail. Ne la donnez qu’à quelqu’un de l’école qui en a besoin pour remettre le boîtier en route.
paper-part-use-words = Tapez les quinze mots de cette partie, puis, à la suite, ceux d’une autre.
paper-part-technical = Pour la personne qui vous aide : partage de Shamir (deux sur trois) des 128 bits de la fiche, en mots de la liste BIP-39 française.
paper-keep-title = Où la garder
paper-keep-away = Loin du boîtier : dans le coffre de l’école ou de la mairie.
paper-keep-two = En deux exemplaires, à deux endroits.
paper-keep-secret = Ni photo, ni mail : qui a ces mots et les disques peut ouvrir vos réglages.
paper-use-title = Comment s’en servir
paper-use-disks = Glissez les disques dans le nouveau boîtier et allumez-le.
paper-use-page = Ouvrez https://preau.local et commencez la mise en route. À l’étape des disques, choisissez « Reprendre ces disques ».
paper-use-words = Tapez les douze mots, dans l’ordre. Les accents et les majuscules ne comptent pas.
paper-technical = Pour la personne qui vous aide : 128 bits au hasard en mots de la liste BIP-39 française. La copie faite ailleurs se lit avec restic : restic restore latest --path /commun --target reprise. Son mot de passe : HKDF-SHA256 de ces bits (sel « preau recovery sheet 1 », étiquette « offsite »), écrit en 64 chiffres hexadécimaux.

done-title = Le boîtier est prêt
done-lead = Voici comment ouvrir les fichiers partagés, depuis chaque ordinateur.
done-next-title = Et maintenant ?
done-next-page = Gardez cette adresse : https://preau.local
done-next-mail = S’il arrive quelque chose, le boîtier vous écrit. Sinon, vous pouvez l’oublier.
done-next-unplug = Laissez-le allumé, été compris.
done-button = Terminer et voir l’état du boîtier

# Espaces
share-title = L’espace « { $share } »
share-online = L’espace « { $share } » est ouvert
share-offline = L’espace « { $share } » est fermé pour le moment
share-how = Comment l’ouvrir ?
share-windows = Explorateur de fichiers : collez cette adresse en haut, puis Entrée.
share-macos = Finder, menu Aller, « Se connecter au serveur » : collez cette adresse.
share-linux = Fichiers, « Autres emplacements » : collez cette adresse en bas.
share-login = L’ordinateur demande l’identifiant et le mot de passe de la personne.

# État
status-title = État
status-as-of = À jour { $moment }, heure du boîtier.
status-volume-title = Vos fichiers
status-disks-title = Les disques
severity-none = En ordre
severity-mending = Réparation en cours
reminder-mail-not-set = Personne n’est prévenu si un disque lâche : les mails ne sont pas réglés.
reminder-mail-not-proved = Le boîtier ne sait pas si ses mails arrivent : le code d’un mail d’essai n’a pas encore été recopié.
reminder-mail-link = Régler les mails
reminder-sheet-not-proved = Le boîtier ne sait pas si quelqu’un a la fiche de secours sur papier : ses mots n’ont pas encore été recopiés.
reminder-sheet-link = Vérifier la fiche
volume-creating = L’espace se prépare
volume-protected = Tous les disques de l’espace fonctionnent
volume-changing = L’espace est utilisable ; un disque s’ajoute ou se remplace
volume-copying = L’espace est utilisable ; la protection se met en place
volume-degraded = Il manque un disque
volume-rebuilding = L’espace est utilisable ; la copie se reconstruit
volume-offline = Les fichiers ne sont pas accessibles
progress-resync = La protection se met en place
progress-recover = La copie se reconstruit
progress-check = Les copies sont comparées
progress-repair = Les copies sont comparées et corrigées
progress-reshape = Les fichiers se répartissent sur les disques
progress-with-rest = { $percent } % — encore { $rest }. Vous pouvez travailler pendant ce temps.
progress-plain = { $percent } %. Vous pouvez travailler pendant ce temps.
space-free = { $free } libres sur { $total }
space-used = { $percent } % utilisés
bay = Baie { $bay }
bay-none = Hors baie
bay-empty = vide
bay-lost = le disque manque
drawing-label = Façade du boîtier. { $bays }
drawing-bay = Baie { $bay } : { $state }
disk-in-use = En service
disk-rebuilding = Reçoit la copie
disk-failed = A lâché
disk-waiting = Attend sa place
disk-free = Vide et libre
disk-holds-data = Libre, mais pas vide
disk-lost = N’est plus là
content-partition-table = découpage en partitions
content-windows = disque Windows ({ $kind })
content-mac = disque de Mac ({ $kind })
content-linux = disque de Linux ({ $kind })
content-nas = disque d’un serveur de fichiers ({ $kind })
content-encrypted = disque chiffré ({ $kind })
content-raid = partie d’un groupe de disques ({ $kind })
content-lvm = partie d’un groupe de volumes ({ $kind })
content-swap = mémoire d’échange de Linux
content-disc = image de disque ({ $kind })
content-other = données ({ $kind })
content-preau = disque d’un autre boîtier Préau, avec ses fichiers
content-labelled = { $what } « { $label } », { $size }
content-plain = { $what }, { $size }

# Remplacer un disque
candidate-found = Un autre disque est là : { $disk }.
candidate-button = Mettre ce disque à la place
candidate-holds-data = Il n’est pas vide : la page suivante montre ce qu’il contient, avant d’effacer quoi que ce soit.
replace-title = Mettre ce disque à la place ?
replace-why = Le boîtier efface ce disque, puis y recopie tous les fichiers. Comparez le numéro de série avec l’étiquette.
replace-lost = Il remplace { $disk }.
replace-meanwhile = La copie prend quelques heures. L’école peut travailler pendant ce temps.
replace-button = Effacer ce disque et reconstruire la copie
replace-not-now = Pas maintenant

# Ce qui protège les fichiers
array-title = Ce qui protège vos fichiers
array-link = Ce qui protège vos fichiers, et ajouter un disque
array-members-title = Les disques de l’espace
array-offline = Les disques de l’espace ne sont pas lus pour le moment.
array-add-title = Un disque de plus
array-add-none = Glissez un disque d’au moins { $size } dans une baie libre : il apparaîtra ici. Vous choisirez s’il protège mieux vos fichiers, s’il donne plus de place, ou s’il remplace un disque qui fatigue.
array-add-found = Ce disque peut servir : { $disk }.
array-add-link = Choisir à quoi il sert
array-consent-found = L’espace attend votre accord avant d’être rouvert.
array-consent-link = Voir ce qui est en jeu
array-start-title = Rouvrir l’espace sans le disque qui manque ?
array-start-why = Le courant a été coupé pendant que le boîtier écrivait, et un disque manque depuis. Sans lui, le boîtier ne peut pas vérifier ce qui s’écrivait à ce moment-là.
array-start-first = Si vous avez le disque qui manque, remettez-le d’abord dans sa baie : s’il était là au moment de la coupure, tout se rouvre sans rien perdre.
array-start-risk = Sinon, ce qui s’écrivait au moment de la coupure est peut-être abîmé. Un fichier abîmé ne s’ouvre pas de travers : l’ordinateur dit qu’il est illisible. Une fois le disque remplacé, le boîtier relit tout et dit quels fichiers sont touchés.
array-start-tick = J’accepte que ce qui s’écrivait au moment de la coupure soit peut-être perdu.
array-start-button = Rouvrir l’espace avec ces disques
use-title = À quoi doit servir ce disque ?
use-why = Le boîtier efface ce disque, puis s’en sert. L’école peut travailler pendant ce temps. Comparez le numéro de série avec l’étiquette.
use-legend = Son rôle
use-replace = Remplacer { $disk } : il est d’abord copié, puis vous pourrez le retirer. Les fichiers restent protégés pendant ce temps.
use-replace-lost = Remplacer { $disk }, qui n’est plus là.
use-choose = Choisissez à quoi ce disque doit servir.
use-button = Effacer ce disque et s’en servir ainsi

# Incidents
incident-safe-title = Vos fichiers sont-ils en sécurité ?
incident-do-title = Que faire ?
incident-when-title = Avant quand ?
incident-being-mended = Plus rien : le nouveau disque est en place et reçoit la copie. Laissez le boîtier allumé.
incident-opened = Depuis { $moment }.
incident-closed-at = Terminé { $moment }.
incident-pending = En observation
incident-open = En cours
incident-acknowledged = En cours, vu
incident-clearing = En train de se terminer
incident-closed = Terminé
history-title = Ce qui s’est passé
history-empty = Rien à signaler depuis la mise en route.
take-back-found = Le boîtier laisse de côté { $disk }.
take-back-title = Reprendre ce disque ?
take-back-why-flapping = Ce disque a disparu plusieurs fois en une heure. Vérifiez d’abord qu’il est bien enfoncé et que son câble tient : le boîtier y recopie ensuite ce qui lui manque.
take-back-why-diverged = Ce disque a servi ailleurs, sans les autres. Pour le reprendre, le boîtier l’efface, puis y recopie tous les fichiers de l’école.
take-back-button = Reprendre ce disque
take-back-button-erase = Effacer ce disque et le reprendre
disk-held-out = Laissé de côté : il se débranchait sans cesse
disk-diverged = Laissé de côté : il a servi ailleurs

## Les disques, un par un.

nav-disks = Disques
disks-list-empty = Aucun disque n’est branché.
disk-asleep = en veille
disk-asleep-cool = Le disque est en veille : on le laisse dormir.
disk-no-thermometer = Ce disque n’a pas de thermomètre.
disk-back = Tous les disques
disk-reasons-title = Pourquoi
disk-firmware-warning = Le fabricant a corrigé un défaut du logiciel de ce disque. Montrez ceci à la personne qui vous aide :
disk-temperature-title = Température
plot-label = Courbe de la température : de { $from } à { $to } °C. La limite est { $limit } °C.
plot-caption = Entre { $from } et { $to } °C. Le trait pointillé marque { $limit } °C, la limite.
plot-now = maintenant
disk-label-title = Ce disque
disk-fact-model = Modèle
disk-fact-serial = Numéro de série, écrit sur l’étiquette
disk-fact-size = Taille
disk-fact-role = À quoi il sert
disk-fact-age = En marche depuis
disk-age = { $age } ({ $hours } heures)
disk-fact-used = Usure
disk-used = { $percent } % des écritures promises
disk-fact-turns = Vitesse
disk-turns = { $turns } tours par minute
disk-fact-firmware = Logiciel du disque
disk-as-of = État lu { $moment }.
school-title = Heures de classe
school-why = Pendant ces heures, le boîtier laisse les disques et la ligne Internet à l’école : les disques ne se contrôlent pas, et les copies à l’abri réglées pour cela partent doucement.
school-from = De
school-to = À
school-hour = { $hour } h
school-weekends = Le samedi et le dimanche aussi
school-save = Enregistrer ces heures
school-hint = Tout le temps où quelqu’un travaille sur les fichiers, garderie et étude comprises.

open-title = Copier ce qu’il contient
open-why = Vous pouvez ouvrir ce disque pour copier ses fichiers dans l’espace. Rien n’est écrit dessus, et seuls les responsables du boîtier le voient.
open-start = Ouvrir pour copier
open-now = Ce disque est ouvert, en lecture seule
open-folder = { $name } ({ $kind }, { $size })
open-how = Ouvrez cette adresse sur votre ordinateur, avec votre compte de responsable, puis copiez les dossiers dans l’espace « { $share } ».
open-stop = Refermer
open-pull = Quand vous avez fini, refermez-le ; vous pouvez aussi le débrancher sans attendre, rien n’y est écrit.

blink-title = Le trouver dans le boîtier
blink-why-bay_light = La lumière de sa baie le montre pendant cinq minutes, ou jusqu’à ce que vous l’éteigniez.
blink-why-activity = Pendant une demi-minute, son voyant s’allume une seconde sur deux. D’autres voyants peuvent s’allumer aussi, mais pas à ce rythme.
blink-wakes = Ce disque dort : il se réveille pour clignoter.
blink-start = Faire clignoter
blink-wake = Le réveiller et le faire clignoter
blink-running-bay_light = La lumière de sa baie est allumée
blink-running-activity = Son voyant s’allume une seconde sur deux
blink-left =
    { $count ->
        [one] Encore une seconde.
       *[other] Encore { $count } secondes.
    }
blink-stop = Arrêter
blink-again = Recommencer
blink-check = Avant de retirer un disque, comparez toujours son étiquette avec le modèle et le numéro de série écrits ici.

self-test-title = Contrôle du disque
self-test-why = Le disque se relit lui-même pendant qu’il travaille. Le boîtier le lui demande chaque semaine, la nuit ; vous pouvez aussi le faire maintenant.
self-test-none = Ce disque ne sait pas se contrôler lui-même.
self-test-short = Contrôle court
self-test-short-takes = Contrôle court ({ $length })
self-test-long = Contrôle complet
self-test-long-takes = Contrôle complet ({ $length })
self-test-running = Le disque se contrôle
self-test-done = { $percent } % sont faits.
self-test-meanwhile = L’école peut continuer à travailler.
self-test-abort = Arrêter le contrôle
self-test-refresh = Voir l’avancement
self-test-log = Derniers contrôles
self-test-kind-short = Contrôle court
self-test-kind-long = Contrôle complet
self-test-passed = rien trouvé
self-test-failed = une erreur trouvée
self-test-unfinished = pas allé jusqu’au bout
self-test-line = { $kind } : { $outcome }
self-test-line-ago = { $kind }, il y a { $ago } : { $outcome }
disk-figures-title = Toutes les mesures du disque
disk-figures-why = Pour la personne qui vous aide : les mesures SMART telles que le disque les donne, avec leurs noms anglais.
disk-figures-name = Mesure
disk-figures-value = Valeur
disk-figures-worst = Pire
disk-figures-threshold = Seuil
disk-figures-raw = Brut
disk-incidents-title = Ce qui lui est arrivé

# La relecture de tout ce qui est gardé.
scrub-title = Relecture des disques
scrub-why = Une fois par mois, la nuit, le boîtier relit tout ce qu’il garde et répare ce qui s’est abîmé.
scrub-running = La relecture est en cours
scrub-waiting = La relecture reprendra cette nuit
scrub-paused = La relecture est en pause
scrub-last = Dernière relecture : { $moment }.
scrub-last-repaired = Dernière relecture : { $moment }. Des données abîmées ont été réparées.
scrub-next = Prochaine relecture : à partir du { $moment }.
scrub-start = Relire les disques maintenant
scrub-pause = Mettre la relecture en pause
scrub-go-on = Reprendre la relecture
