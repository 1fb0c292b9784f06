## Les incidents, en mots. `-do-1`, `-do-2`… sont les gestes, dans l’ordre ; ils
## s’arrêtent au premier qui manque. `$Disk` ouvre une phrase, `$disk` la poursuit.

same-size = la même taille

incident-array-failed-title = Les fichiers ne sont plus accessibles
incident-array-failed-what = Depuis { $since }, le boîtier ne peut plus lire les disques de l’espace.
incident-array-failed-safe = On ne le sait pas encore. Rien n’a été effacé : les disques sont laissés exactement comme ils sont.
incident-array-failed-do-1 = N’effacez rien et ne remplacez aucun disque pour l’instant.
incident-array-failed-do-2 = Éteignez le boîtier, enfoncez bien chaque disque dans sa baie, puis rallumez.
incident-array-failed-do-3 = Si rien ne change au bout de dix minutes, montrez ce message à la personne qui vous aide, avec le détail technique.
incident-array-failed-when = Aujourd’hui.
incident-array-failed-closed-title = Les fichiers sont de nouveau accessibles
incident-array-failed-closed-what = Depuis { $until }, le boîtier lit de nouveau les disques de l’espace.
incident-array-failed-closed-safe = Oui, ils sont de nouveau là.

incident-array-degraded-title = Un disque a lâché — vos fichiers sont intacts
incident-array-degraded-what = { $Disk } ne répond plus depuis { $since }.
incident-array-degraded-safe = Oui. { $Survivor } en garde une copie complète et l’école peut continuer à travailler. Mais il est maintenant seul : s’il lâchait aussi, les fichiers seraient perdus.
incident-array-degraded-do-1 = Achetez un disque d’au moins { $size }, prévu pour un serveur de fichiers (par exemple de la gamme WD Red Plus ou Seagate IronWolf).
incident-array-degraded-do-2 = Laissez le boîtier allumé et retirez { $disk } — étiquette { $label }.
incident-array-degraded-do-3 = Glissez le nouveau disque à sa place et ouvrez http://preau.local : le boîtier vous guide.
incident-array-degraded-when = Dans les 7 jours.
incident-array-degraded-closed-title = Tout est rentré dans l’ordre — vos fichiers ont de nouveau deux copies
incident-array-degraded-closed-what = Depuis { $until }, la copie est terminée : les deux disques contiennent de nouveau tous les fichiers.
incident-array-degraded-closed-safe = Oui. Un disque peut de nouveau lâcher sans que rien soit perdu.

incident-disk-missing-title = Un disque manque — vos fichiers sont intacts
incident-disk-missing-what = { $Disk } n’est plus là depuis { $since }.
incident-disk-missing-safe = Oui, tant que l’autre disque fonctionne : il en garde une copie complète.
incident-disk-missing-do-1 = Si quelqu’un a retiré { $disk } — étiquette { $label } —, remettez-le bien à fond dans sa baie.
incident-disk-missing-do-2 = S’il n’est pas reconnu au bout d’une minute, remplacez-le par un disque d’au moins { $size }.
incident-disk-missing-do-3 = Ouvrez ensuite http://preau.local : le boîtier vous guide.
incident-disk-missing-when = Dans les 7 jours.
incident-disk-missing-closed-title = Le disque qui manquait est de retour
incident-disk-missing-closed-what = { $Disk } est de nouveau là depuis { $until }.
incident-disk-missing-closed-safe = Oui.

incident-array-rebuilding-title = La copie se reconstruit — vos fichiers sont intacts
incident-array-rebuilding-what = Depuis { $since }, le boîtier recopie tous les fichiers sur { $disk }.
incident-array-rebuilding-safe = Oui. { $Survivor } garde tout pendant ce temps, et l’école peut continuer à travailler. La copie prend quelques heures.
incident-array-rebuilding-do-1 = Laissez le boîtier allumé et ne retirez aucun disque.
incident-array-rebuilding-do-2 = Un dernier mail vous dira quand la copie est terminée. D’ici là, l’avancement se voit sur http://preau.local.
incident-array-rebuilding-closed-title = La copie est terminée
incident-array-rebuilding-closed-what = La copie s’est arrêtée { $until }.
incident-array-rebuilding-closed-safe = Oui.

incident-mail-undeliverable-title = Les mails du boîtier n’arrivent pas
incident-mail-undeliverable-what = Depuis { $since }, le boîtier ne parvient pas à envoyer ses mails. { $mail }
incident-mail-undeliverable-safe = Oui, cela ne touche pas vos fichiers. Mais si un disque lâchait, personne ne serait prévenu.
incident-mail-undeliverable-do-1 = Vérifiez les réglages des mails sur http://preau.local.
incident-mail-undeliverable-do-2 = Envoyez un mail d’essai et recopiez son code.
incident-mail-undeliverable-when = Cette semaine.
incident-mail-undeliverable-closed-title = Les mails du boîtier partent de nouveau
incident-mail-undeliverable-closed-what = Depuis { $until }, les mails partent de nouveau.
incident-mail-undeliverable-closed-safe = Oui.

incident-settings-unreadable-title = Des réglages ont été abîmés — vos fichiers sont intacts
incident-settings-unreadable-what = Le fichier des réglages était abîmé { $since }. Le boîtier a repris les réglages d’avant.
incident-settings-unreadable-safe = Oui. Les disques n’ont pas été touchés. Seul le dernier changement de réglages a pu être perdu.
incident-settings-unreadable-do-1 = Ouvrez http://preau.local et vérifiez les comptes et les mails.
incident-settings-unreadable-do-2 = Refaites le dernier changement s’il manque, puis confirmez que vous avez vérifié.
incident-settings-unreadable-do-3 = Si cela revient, la carte du boîtier est sans doute à changer.
incident-settings-unreadable-when = Cette semaine.
incident-settings-unreadable-closed-title = Les réglages ont été vérifiés
incident-settings-unreadable-closed-what = Les réglages sont de nouveau enregistrés depuis { $until }.
incident-settings-unreadable-closed-safe = Oui.

## La phrase du haut de la première page.

headline-set-up = Le boîtier n’est pas encore prêt : terminez sa mise en route.
headline-creating = L’espace se prépare.
headline-copying = Tout fonctionne. La deuxième copie de vos fichiers se termine.
headline-all-well = Tout va bien.
headline-offline = Les fichiers ne sont pas accessibles pour le moment.
headline-opening = Vos fichiers sont intacts. Le partage va s’ouvrir dans un instant.
headline-settings-lost = Les réglages du boîtier sont illisibles. Vos fichiers n’ont pas été touchés.
headline-array-failed = Les fichiers ne sont plus accessibles.
headline-array-degraded = Un disque est à remplacer. Vos fichiers sont intacts.
headline-disk-missing = Un disque manque. Vos fichiers sont intacts.
headline-array-rebuilding = La copie se reconstruit. Vos fichiers sont intacts.
headline-mail-undeliverable = Les mails du boîtier n’arrivent pas. Vos fichiers sont intacts.
headline-settings-unreadable = Des réglages sont à vérifier. Vos fichiers sont intacts.

## Pourquoi un mail n’est pas parti, et que faire.

mail-failure-name-not-found = Le serveur de mail est introuvable. Vérifiez son nom, par exemple : smtp.exemple.fr.
mail-failure-unreachable = Le serveur de mail ne répond pas. Vérifiez son nom, son port et la connexion à Internet.
mail-failure-certificate-wrong = Le certificat du serveur de mail n’est pas valable pour ce nom. Écrivez le nom exact que donne votre fournisseur, ou ajoutez l’autorité de certification de votre établissement.
mail-failure-no-encryption = Le serveur de mail ne propose pas de connexion chiffrée de cette façon. Essayez « TLS » avec le port 465, ou « STARTTLS » avec le port 587.
mail-failure-login-refused = Le serveur de mail refuse l’identifiant ou le mot de passe. Retapez-les ; certains fournisseurs demandent un mot de passe d’application.
mail-failure-recipient-refused = Le serveur de mail refuse le destinataire. Vérifiez son adresse.
mail-failure-sender-refused = Le serveur de mail refuse l’adresse d’expédition. Mettez celle du compte utilisé.
mail-failure-try-later = Le serveur de mail demande d’essayer plus tard. Le boîtier recommence tout seul.
mail-failure-refused = Le serveur de mail refuse le message. Sa réponse est dans le détail technique.

## Pourquoi la préparation de l’espace n’avance pas.

volume-problem = Le boîtier n’y arrive pas pour l’instant et réessaie tout seul. Détail technique : { $detail }.
volume-problem-not-as-confirmed = Un disque n’est plus comme il a été confirmé. Rien n’y a été effacé. Choisissez de nouveau les disques.
volume-problem-disk-gone = Un des disques choisis n’est plus là. Enfoncez-le bien dans sa baie, ou choisissez de nouveau les disques.
