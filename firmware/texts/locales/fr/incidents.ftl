## Les incidents, en mots. `-do-1`, `-do-2`… sont les gestes, dans l’ordre ; ils
## s’arrêtent au premier qui manque. `$Disk` ouvre une phrase, `$disk` la poursuit.

same-size = la même taille

incident-array-failed-title = Les fichiers ne sont plus accessibles
incident-array-failed-what =
    { $case ->
        [consent] Le courant a été coupé pendant une écriture et il manque un disque. Depuis { $since }, le boîtier attend votre accord avant de rouvrir l’espace.
       *[other] Depuis { $since }, le boîtier ne peut plus lire les disques de l’espace.
    }
incident-array-failed-safe =
    { $case ->
        [consent] Très probablement, sauf peut-être ce qui s’écrivait au moment de la coupure. Rien n’a été effacé.
        [single] On ne le sait pas encore. Rien n’a été effacé, mais rien ne protégeait ces fichiers : ils n’étaient que sur ce disque.
       *[other] On ne le sait pas encore. Rien n’a été effacé : les disques sont laissés exactement comme ils sont.
    }
incident-array-failed-do-1 = N’effacez rien et ne remplacez aucun disque pour l’instant.
incident-array-failed-do-2 = Éteignez le boîtier, enfoncez bien chaque disque dans sa baie, puis rallumez.
incident-array-failed-do-3 =
    { $case ->
        [consent] Si le disque qui manque ne revient pas, ouvrez http://preau.local : la page dit ce qui est en jeu et demande votre accord.
       *[other] Si rien ne change au bout de dix minutes, montrez ce message à la personne qui vous aide, avec le détail technique.
    }
incident-array-failed-when = Aujourd’hui.
incident-array-failed-closed-title = Les fichiers sont de nouveau accessibles
incident-array-failed-closed-what = Depuis { $until }, le boîtier lit de nouveau les disques de l’espace.
incident-array-failed-closed-safe = Oui, ils sont de nouveau là.

incident-array-degraded-title =
    { $lost ->
        [1] Un disque a lâché — vos fichiers sont intacts
       *[other] Plusieurs disques ont lâché — vos fichiers sont encore intacts
    }
incident-array-degraded-what =
    { $lost ->
        [1] { $Disk } ne répond plus depuis { $since }.
       *[other] Des disques ne répondent plus : { $disk }, puis { $also }. Cela a commencé { $since }.
    }
incident-array-degraded-safe =
    { $case ->
        [left] Oui, et l’école peut continuer à travailler. { $left ->
            [1] Un autre disque peut encore lâcher sans que rien ne soit perdu.
           *[other] { $left } autres disques peuvent encore lâcher sans que rien ne soit perdu.
        }
        [alone] Oui. { $Survivor } en garde une copie complète et l’école peut continuer à travailler. Mais il est maintenant seul : s’il lâchait aussi, les fichiers seraient perdus.
       *[other] Oui, et l’école peut continuer à travailler. Mais aucun autre disque ne doit lâcher : les fichiers seraient perdus.
    }
incident-array-degraded-do-1 =
    { $spare ->
        [yes] Il n’y a rien à faire tout de suite : laissez le boîtier allumé, la copie sur le disque de réserve se fait toute seule.
       *[no] { $lost ->
            [1] Achetez un disque d’au moins { $size }, prévu pour un serveur de fichiers (par exemple de la gamme WD Red Plus ou Seagate IronWolf).
           *[other] Achetez { $lost } disques d’au moins { $size }, prévus pour un serveur de fichiers (par exemple de la gamme WD Red Plus ou Seagate IronWolf).
        }
    }
incident-array-degraded-do-2 =
    { $spare ->
        [yes] { $lost ->
            [1] Achetez un disque d’au moins { $size }, prévu pour un serveur de fichiers : il sera la nouvelle réserve.
           *[other] Achetez { $lost } disques d’au moins { $size }, prévus pour un serveur de fichiers : ils seront les nouvelles réserves.
        }
       *[no] Laissez le boîtier allumé et retirez { $disk } — étiquette { $label }.
    }
incident-array-degraded-do-3 =
    { $spare ->
        [yes] Quand un mail vous aura dit que la copie est terminée, retirez { $disk } — étiquette { $label } —, glissez le nouveau disque à sa place et ouvrez http://preau.local.{ $lost ->
            [1] {""}
           *[other] {" "}Faites ensuite de même pour { $alsoLabelled }.
        }
       *[no] { $lost ->
            [1] Glissez le nouveau disque à sa place et ouvrez http://preau.local : le boîtier vous guide.
           *[other] Glissez un nouveau disque à sa place et ouvrez http://preau.local : le boîtier vous guide. Faites ensuite de même pour { $alsoLabelled }.
        }
    }
incident-array-degraded-when =
    { $spare ->
        [yes] Dans le mois.
       *[no] { $lost ->
            [1] Dans les 7 jours.
           *[other] Dès que possible, dans les 2 jours.
        }
    }
incident-array-degraded-closed-title = Tout est rentré dans l’ordre — vos fichiers sont de nouveau protégés
incident-array-degraded-closed-what = Depuis { $until }, la copie est terminée : tous les disques ont de nouveau ce qu’ils doivent garder.
incident-array-degraded-closed-safe =
    { $may_fail ->
        [2] Oui. Deux disques peuvent de nouveau lâcher sans que rien ne soit perdu.
       *[other] Oui. Un disque peut de nouveau lâcher sans que rien ne soit perdu.
    }

incident-disk-missing-title = Un disque manque — vos fichiers sont intacts
incident-disk-missing-what = { $Disk } n’est plus là depuis { $since }.
incident-disk-missing-safe = Oui, tant que les autres disques fonctionnent : ils gardent tous les fichiers.
incident-disk-missing-do-1 = Si quelqu’un a retiré { $disk } — étiquette { $label } —, remettez-le bien à fond dans sa baie.
incident-disk-missing-do-2 = S’il n’est pas reconnu au bout d’une minute, remplacez-le par un disque d’au moins { $size }.
incident-disk-missing-do-3 = Ouvrez ensuite http://preau.local : le boîtier vous guide.
incident-disk-missing-when = Dans les 7 jours.
incident-disk-missing-closed-title = Le disque qui manquait est de retour
incident-disk-missing-closed-what = { $Disk } est de nouveau là depuis { $until }.
incident-disk-missing-closed-safe = Oui.

incident-disk-failing-title =
    { $state ->
        [failed] Un disque est hors d’usage — vos fichiers sont encore là
       *[soon] Un disque est à remplacer bientôt — vos fichiers sont intacts
    }
incident-disk-failing-what =
    { $state ->
        [failed] { $DiskLabelled } ne tient plus, depuis { $since }. { $reason }
       *[soon] { $DiskLabelled } fonctionne encore, mais montre depuis { $since } qu’il va lâcher. { $reason }
    }
incident-disk-failing-worse = { $DiskLabelled }, qui était à remplacer bientôt, ne tient plus depuis { $since }. { $reason }
incident-disk-failing-safe =
    { $others ->
        [yes] Oui. Ce que garde ce disque se trouve aussi ailleurs dans le boîtier, et l’école peut continuer à travailler. Remplacez-le pendant que tout fonctionne.
       *[no] Pour l’instant, oui. Mais rien d’autre dans le boîtier ne garde ces fichiers : si ce disque lâche, ils sont perdus.
    }
incident-disk-failing-do-1 =
    { $others ->
        [yes] Achetez un disque d’au moins { $size }, prévu pour un serveur de fichiers (par exemple de la gamme WD Red Plus ou Seagate IronWolf).
       *[no] Copiez dès maintenant les fichiers importants ailleurs, par exemple sur une clé ou un ordinateur.
    }
incident-disk-failing-do-2 =
    { $others ->
        [yes] Quand vous l’avez, laissez le boîtier allumé et retirez { $disk } — étiquette { $label }.
       *[no] Achetez un disque d’au moins { $size }, prévu pour un serveur de fichiers. Ne retirez pas encore { $disk } — étiquette { $label }.
    }
incident-disk-failing-do-3 =
    { $others ->
        [yes] Glissez le nouveau disque à sa place et ouvrez http://preau.local : le boîtier vous guide.
       *[no] Ouvrez http://preau.local : le boîtier vous guide.
    }
incident-disk-failing-when =
    { $others ->
        [yes] { $state ->
            [failed] Dans les 3 jours.
           *[soon] Dans les 14 jours.
        }
       *[no] Aujourd’hui.
    }
incident-disk-failing-closed-title = Un disque est de nouveau en bonne santé
incident-disk-failing-closed-what = { $DiskLabelled } ne montre plus aucun signe de panne depuis { $until }.
incident-disk-failing-closed-safe = Oui. Le boîtier continue de surveiller ce disque.

incident-disk-silent-title = Un disque ne répond plus — vos fichiers sont encore là
incident-disk-silent-what = { $DiskLabelled } est branché, mais ne répond plus depuis { $since }.
incident-disk-silent-safe =
    { $others ->
        [yes] Oui. Ce que garde ce disque se trouve aussi ailleurs dans le boîtier.
       *[no] Pour l’instant, on ne le sait pas : rien d’autre dans le boîtier ne garde ces fichiers.
    }
incident-disk-silent-do-1 = Demandez aux autres de fermer leurs fichiers, puis éteignez le boîtier depuis son bouton.
incident-disk-silent-do-2 = Enfoncez bien { $disk } — étiquette { $label } — dans sa baie, puis rallumez.
incident-disk-silent-do-3 = Si ce message revient, remplacez ce disque par un disque d’au moins { $size } et ouvrez http://preau.local : le boîtier vous guide.
incident-disk-silent-when =
    { $others ->
        [yes] Dans les 7 jours.
       *[no] Aujourd’hui.
    }
incident-disk-silent-closed-title = Le disque répond de nouveau
incident-disk-silent-closed-what = { $DiskLabelled } répond de nouveau depuis { $until }.
incident-disk-silent-closed-safe = Oui.

incident-disk-hot-title =
    { $disks ->
        [one] Un disque a trop chaud — vos fichiers sont intacts
       *[other] Les disques ont trop chaud — vos fichiers sont intacts
    }
incident-disk-hot-what =
    { $disks ->
        [one] { $DiskLabelled } a trop chaud depuis { $since }. { $reason }
       *[other] { $disks } disques ont trop chaud depuis { $since }. Le plus chaud est { $diskLabelled }. { $reason }
    }
incident-disk-hot-safe = Oui. Mais un disque qui reste chaud vieillit plus vite.
incident-disk-hot-do-1 = Vérifiez que le ventilateur du boîtier tourne et que rien ne bouche ses ouvertures.
incident-disk-hot-do-2 = Éloignez le boîtier d’un radiateur ou du soleil, ou sortez-le du placard.
incident-disk-hot-do-3 = Si la température ne baisse pas d’ici demain, éteignez le boîtier et montrez ce message à la personne qui vous aide.
incident-disk-hot-when = Aujourd’hui.
incident-disk-hot-closed-title = Les disques ont refroidi
incident-disk-hot-closed-what = Depuis { $until }, plus aucun disque n’a trop chaud.
incident-disk-hot-closed-safe = Oui.

incident-array-rebuilding-title = La copie se reconstruit — vos fichiers sont intacts
incident-array-rebuilding-what =
    { $lost ->
        [1] Depuis { $since }, le boîtier recopie tous les fichiers sur { $disk }.
       *[other] Depuis { $since }, le boîtier recopie les fichiers sur plusieurs disques : { $disk }, { $also }.
    }
incident-array-rebuilding-safe =
    { $case ->
        [alone] Oui. { $Survivor } garde tout pendant ce temps, et l’école peut continuer à travailler. La copie prend quelques heures.
       *[other] Oui. Les autres disques gardent tout pendant ce temps, et l’école peut continuer à travailler. La copie prend quelques heures.
    }
incident-array-rebuilding-do-1 = Laissez le boîtier allumé et ne retirez aucun disque.
incident-array-rebuilding-do-2 = Un dernier mail vous dira quand la copie est terminée. D’ici là, l’avancement se voit sur http://preau.local.
incident-array-rebuilding-closed-title = La copie est terminée
incident-array-rebuilding-closed-what = La copie s’est arrêtée { $until }.
incident-array-rebuilding-closed-safe = Oui.

incident-volume-offline-title = L’espace ne peut plus être utilisé
incident-volume-offline-what = Depuis { $since }, le boîtier n’arrive plus à écrire sur l’espace. Pour ne rien abîmer, il a fermé le partage.
incident-volume-offline-safe = Ce qui était enregistré est laissé tel quel sur les disques, rien n’est effacé. Ce qui était en cours d’enregistrement a pu être perdu.
incident-volume-offline-do-1 = Gardez sur vos ordinateurs les fichiers ouverts.
incident-volume-offline-do-2 = Éteignez le boîtier, attendez une minute, rallumez-le.
incident-volume-offline-do-3 = Si ce message revient, montrez-le à la personne qui vous aide, avec le détail technique.
incident-volume-offline-when = Aujourd’hui.
incident-volume-offline-closed-title = L’espace peut de nouveau être utilisé
incident-volume-offline-closed-what = Depuis { $until }, le boîtier écrit de nouveau sur l’espace.
incident-volume-offline-closed-safe = Oui. Vérifiez seulement le dernier fichier que vous enregistriez.

incident-volume-full-title = L’espace est presque plein — bientôt plus rien ne pourra être enregistré
incident-volume-full-what = Depuis { $since }, l’espace est rempli à plus de 95 %. Il reste { $free }.
incident-volume-full-safe = Oui, ce qui est enregistré est en sécurité. Mais bientôt les nouveaux fichiers seront refusés.
incident-volume-full-do-1 = Prévenez vos collègues : mieux vaut ne rien copier de volumineux aujourd’hui.
incident-volume-full-do-2 = Supprimez ce qui ne sert plus : vieilles vidéos, doublons, fichiers d’installation.
incident-volume-full-do-3 = S’il n’y a rien à supprimer, il faut des disques plus grands.
incident-volume-full-when = Aujourd’hui ou demain.
incident-volume-full-closed-title = Il y a de nouveau un peu de place
incident-volume-full-closed-what = Depuis { $until }, les fichiers peuvent de nouveau être enregistrés sans risque de refus.
incident-volume-full-closed-safe = Oui.

incident-volume-filling-title = L’espace se remplit — vos fichiers sont intacts
incident-volume-filling-what = Depuis { $since }, l’espace est rempli à plus de 85 %. Il reste { $free }.
incident-volume-filling-safe = Oui. Rien ne presse, mais quand l’espace sera plein, plus rien ne pourra être enregistré.
incident-volume-filling-do-1 = Supprimez ce qui ne sert plus : vieilles vidéos, doublons, fichiers d’installation.
incident-volume-filling-do-2 = S’il n’y a rien à supprimer, prévoyez des disques plus grands.
incident-volume-filling-when = Ce mois-ci.
incident-volume-filling-closed-title = Il y a de nouveau de la place
incident-volume-filling-closed-what = Depuis { $until }, l’espace est de nouveau assez libre.
incident-volume-filling-closed-safe = Oui.

incident-disk-flapping-title = Un disque se débranche sans cesse — vos fichiers sont intacts
incident-disk-flapping-what = { $Disk } a disparu trois fois en une heure. Depuis { $since }, le boîtier le laisse de côté pour ménager les autres.
incident-disk-flapping-safe = Oui, les autres disques gardent tout. Mais tant que { $disk } est de côté, vos fichiers sont moins protégés.
incident-disk-flapping-do-1 = Enfoncez bien { $disk } dans sa baie — étiquette { $label }. S’il est branché par un câble, changez ce câble.
incident-disk-flapping-do-2 = Ouvrez http://preau.local et choisissez « Reprendre ce disque ».
incident-disk-flapping-do-3 = S’il disparaît encore, remplacez-le par un disque d’au moins { $size }.
incident-disk-flapping-when = Dans les 7 jours.
incident-disk-flapping-closed-title = Le disque laissé de côté est repris
incident-disk-flapping-closed-what = Depuis { $until }, { $disk } n’est plus laissé de côté.
incident-disk-flapping-closed-safe = Oui.

incident-disk-diverged-title = Un disque est revenu avec d’autres fichiers — rien n’a été effacé
incident-disk-diverged-what = { $Disk } est revenu { $since }, mais il a servi ailleurs, sans les autres disques. Le boîtier ne l’a pas repris.
incident-disk-diverged-safe = Oui, les fichiers que l’école utilise sont intacts. Mais ce qui a été enregistré ailleurs sur { $disk } n’existe peut-être que là.
incident-disk-diverged-do-1 = Si { $disk } — étiquette { $label } — a pu recevoir des fichiers ailleurs, retirez-le et faites-les copier d’abord.
incident-disk-diverged-do-2 = Sinon, ouvrez http://preau.local et choisissez de l’effacer : il reprendra sa place.
incident-disk-diverged-do-3 = Vous pouvez aussi mettre un disque neuf d’au moins { $size } à sa place.
incident-disk-diverged-when = Dans les 7 jours.
incident-disk-diverged-closed-title = Le disque revenu avec d’autres fichiers est réglé
incident-disk-diverged-closed-what = Depuis { $until }, { $disk } n’est plus laissé de côté.
incident-disk-diverged-closed-safe = Oui.
incident-offsite-stale-title = Pas de copie à l’abri depuis trois nuits — vos fichiers sont intacts
incident-offsite-stale-what = Aucune copie à l’abri vers « { $destination } » n’a réussi depuis { $last_copy }. { $failure }
incident-offsite-stale-safe = Oui, ils sont intacts sur le boîtier. Mais en cas d’incendie ou de vol, tout ce qui a été fait depuis { $last_copy } serait perdu.
incident-offsite-stale-do-1 = Ouvrez http://preau.local, page « Copies à l’abri » : le boîtier y dit ce qui bloque.
incident-offsite-stale-do-2 = Corrigez, puis choisissez « Copier maintenant ».
incident-offsite-stale-do-3 = Si vous n’y arrivez pas, montrez ce message à la personne qui s’occupe de « { $destination } », avec le détail technique.
incident-offsite-stale-when = Cette semaine.
incident-offsite-stale-closed-title = La copie à l’abri est de nouveau à jour
incident-offsite-stale-closed-what = Une copie à l’abri vers « { $destination } » a réussi { $until }.
incident-offsite-stale-closed-safe = Oui. Ils sont sur le boîtier, et à l’abri ailleurs.

incident-offsite-failed-title = La copie à l’abri n’a pas pu se faire — vos fichiers sont intacts
incident-offsite-failed-what = Cette nuit, la copie à l’abri vers « { $destination } » n’a pas réussi, même après un nouvel essai. { $failure }
incident-offsite-failed-safe = Oui, ils sont intacts sur le boîtier. Dernière copie à l’abri réussie : { $last_good }.
incident-offsite-failed-do-1 = Ouvrez http://preau.local, page « Copies à l’abri » : le boîtier y dit ce qui bloque.
incident-offsite-failed-do-2 = Corrigez, puis choisissez « Copier maintenant ». Sans rien faire, le boîtier réessaie la nuit prochaine.
incident-offsite-failed-when = Dans les 3 jours.
incident-offsite-failed-closed-title = La copie à l’abri réussit de nouveau
incident-offsite-failed-closed-what = Depuis { $until }, la copie à l’abri vers « { $destination } » réussit de nouveau.
incident-offsite-failed-closed-safe = Oui. Ils sont sur le boîtier, et à l’abri ailleurs.

incident-strike-late-title = Une suppression demandée n’est toujours pas faite — vos fichiers sont intacts
incident-strike-late-what = Il y a plus d’une semaine, quelqu’un a demandé d’effacer un fichier ou un dossier de toutes les copies. À « { $destination } », il y est encore. { $failure }
incident-strike-late-safe = Oui. Rien d’autre n’est touché. Mais ce qui devait disparaître peut encore être repris là-bas.
incident-strike-late-do-1 = Ouvrez http://preau.local, page « Copies à l’abri » : sous « À effacer des copies », le boîtier dit de quoi il s’agit et ce qui bloque.
incident-strike-late-do-2 = Si c’est un disque USB, branchez-le. Sinon, prévenez la personne qui s’occupe de « { $destination } ».
incident-strike-late-do-3 = Si quelqu’un attend cette suppression, prévenez-le qu’elle a du retard.
incident-strike-late-when = Cette semaine.
incident-strike-late-closed-title = Plus rien n’attend d’être effacé des copies
incident-strike-late-closed-what = Depuis { $until }, il ne reste à « { $destination } » rien de ce qui devait en être effacé depuis plus d’une semaine, ou personne ne le demande plus.
incident-strike-late-closed-safe = Oui.

incident-restore-drill-failed-title = La copie à l’abri ne se relit pas — vos fichiers sont intacts
incident-restore-drill-failed-what = Chaque semaine, le boîtier reprend quelques fichiers dans la copie à l’abri et les compare. Avec « { $destination } », { $since }, cela n’a pas marché. { $failure }
incident-restore-drill-failed-safe = Oui, ils sont intacts sur le boîtier. Mais ne comptez pas sur cette copie tant que ce n’est pas réparé. Le boîtier n’y efface plus rien.
incident-restore-drill-failed-do-1 = Ouvrez http://preau.local, page « Copies à l’abri », et choisissez « Vérifier maintenant ».
incident-restore-drill-failed-do-2 = Si cela échoue encore, ajoutez une autre destination : une copie neuve s’y fera la nuit même.
incident-restore-drill-failed-do-3 = Prévenez la personne qui s’occupe de « { $destination } » : son disque est peut-être abîmé.
incident-restore-drill-failed-when = Cette semaine.
incident-restore-drill-failed-closed-title = La copie à l’abri se relit de nouveau
incident-restore-drill-failed-closed-what = Des fichiers de « { $destination } » ont été repris et comparés { $until } : ils sont identiques.
incident-restore-drill-failed-closed-safe = Oui. Ils sont sur le boîtier, et à l’abri ailleurs.

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

incident-key-not-proved-title = La fiche de secours n’a pas été vérifiée — vos fichiers sont intacts
incident-key-not-proved-what = La fiche de secours a été faite il y a plus de trente jours, et personne n’en a encore recopié les mots. Le boîtier ne sait pas si quelqu’un l’a sur papier.
incident-key-not-proved-safe = Oui. Mais si la carte du boîtier lâchait, seule cette feuille rouvrirait les réglages et les comptes.
incident-key-not-proved-do-1 = Retrouvez la fiche imprimée. Si elle est perdue, imprimez-la de nouveau : ouvrez http://preau.local, puis « Fiche de secours » en bas de la page.
incident-key-not-proved-do-2 = Recopiez sur cette page les quatre mots que le boîtier demande.
incident-key-not-proved-do-3 = Rangez la fiche loin du boîtier, par exemple dans le coffre de la mairie.
incident-key-not-proved-when = Ce mois-ci.
incident-key-not-proved-closed-title = La fiche de secours est vérifiée
incident-key-not-proved-closed-what = Depuis { $until }, le boîtier sait que quelqu’un a la fiche de secours.
incident-key-not-proved-closed-safe = Oui.

files-without-names = le boîtier n’a pas pu trouver leurs noms

incident-scrub-errors-title = Des fichiers sont abîmés
incident-scrub-errors-what = En relisant tous les disques, le boîtier a trouvé des fichiers dont aucune copie n’est plus entière. Fichiers touchés : { $files }.
incident-scrub-errors-safe = Tous les autres fichiers sont intacts. Ceux-là ne peuvent plus être lus en entier.
incident-scrub-errors-do-1 = Retrouvez ces fichiers sur l’ordinateur d’où ils viennent ou dans une sauvegarde, puis remplacez-les dans l’espace.
incident-scrub-errors-do-2 = Ouvrez http://preau.local et lancez une nouvelle relecture : elle dira si tout est réparé.
incident-scrub-errors-do-3 = Si cela revient, montrez ce message à la personne qui vous aide, avec le détail technique.
incident-scrub-errors-when = Cette semaine.
incident-scrub-errors-closed-title = Il n’y a plus de fichier abîmé
incident-scrub-errors-closed-what = Depuis { $until }, une relecture complète n’a plus trouvé aucun fichier abîmé.
incident-scrub-errors-closed-safe = Oui.

incident-scrub-repaired-title = Des données abîmées ont été réparées — vos fichiers sont intacts
incident-scrub-repaired-what = En relisant tous les disques, le boîtier a trouvé des données abîmées sur { $disk }. Il les a réécrites à partir d’une copie intacte.
incident-scrub-repaired-safe = Oui. Aucun fichier n’est perdu ni changé.
incident-scrub-repaired-do-1 = Il n’y a rien à faire. Si ce message revient pour le même disque, prévoyez de le remplacer.
incident-scrub-repaired-closed-title = Réparation ancienne
incident-scrub-repaired-closed-what = Depuis { $until }, plus rien n’est à signaler sur { $disk }.
incident-scrub-repaired-closed-safe = Oui.

## La phrase du haut de la première page.

headline-set-up = Le boîtier n’est pas encore prêt : terminez sa mise en route.
headline-creating = L’espace se prépare.
headline-copying = Tout fonctionne. La protection de vos fichiers se met en place.
headline-changing = Tout fonctionne. Un disque s’ajoute ou se remplace.
headline-all-well = Tout va bien.
headline-offline = Les fichiers ne sont pas accessibles pour le moment.
headline-opening = Vos fichiers sont intacts. Le partage va s’ouvrir dans un instant.
headline-settings-lost = Les réglages du boîtier sont illisibles. Vos fichiers n’ont pas été touchés.
headline-array-failed = Les fichiers ne sont plus accessibles.
headline-array-degraded = Un disque est à remplacer. Vos fichiers sont intacts.
headline-several-lost = Plusieurs disques sont à remplacer. Vos fichiers sont encore intacts.
headline-disk-missing = Un disque manque. Vos fichiers sont intacts.
headline-disk-failing = Un disque est à remplacer. Vos fichiers sont intacts.
headline-disk-silent = Un disque ne répond plus. Vos fichiers sont encore là.
headline-disk-hot = Il fait trop chaud dans le boîtier. Vos fichiers sont intacts.
headline-scrub-errors = Des fichiers sont abîmés. Les autres sont intacts.
headline-scrub-repaired = Des données abîmées ont été réparées. Vos fichiers sont intacts.
headline-array-rebuilding = La copie se reconstruit. Vos fichiers sont intacts.
headline-volume-offline = L’espace ne peut plus être utilisé. Le boîtier a fermé le partage.
headline-volume-full = L’espace est presque plein. Bientôt plus rien ne pourra être enregistré.
headline-volume-filling = L’espace se remplit. Vos fichiers sont intacts.
headline-disk-flapping = Un disque est laissé de côté. Vos fichiers sont intacts.
headline-disk-diverged = Un disque est laissé de côté. Vos fichiers sont intacts.
headline-offsite-stale = Pas de copie à l’abri depuis trois nuits. Vos fichiers sont intacts.
headline-restore-drill-failed = La copie à l’abri ne se relit pas. Vos fichiers sont intacts.
headline-offsite-failed = La copie à l’abri n’a pas pu se faire. Vos fichiers sont intacts.
headline-strike-late = Une suppression demandée n’est pas faite. Vos fichiers sont intacts.
headline-mail-undeliverable = Les mails du boîtier n’arrivent pas. Vos fichiers sont intacts.
headline-settings-unreadable = Des réglages sont à vérifier. Vos fichiers sont intacts.
headline-key-not-proved = La fiche de secours est à vérifier. Vos fichiers sont intacts.

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
volume-problem-unclean = Le courant a été coupé pendant une écriture et il manque un disque. Le boîtier attend votre accord avant de rouvrir l’espace.
volume-problem-disk-gone = Un des disques choisis n’est plus là. Enfoncez-le bien dans sa baie, ou choisissez de nouveau les disques.

## Pourquoi une copie à l’abri n’a pas pu se faire, et que faire.

copy-failure-name-not-found = Le nom du serveur est introuvable. Vérifiez-le, par exemple : sauvegarde.mairie.fr, et la connexion à Internet.
copy-failure-port-closed = Le serveur est là, mais rien n’y répond sur ce port. Vérifiez le port : 22 pour SFTP, 443 pour une adresse en https.
copy-failure-no-answer = Le serveur ne répond pas. Vérifiez son adresse et la connexion à Internet ; il est peut-être éteint.
copy-failure-certificate-refused = Le certificat du serveur n’est pas valable pour cette adresse. Écrivez l’adresse exacte, ou ajoutez le certificat que donne la personne qui s’en occupe.
copy-failure-host-key-unknown = Le serveur montre son empreinte. Demandez à la personne qui s’en occupe si c’est bien la sienne, puis confirmez-la.
copy-failure-host-key-changed = Le serveur ne montre plus la même empreinte qu’avant. Rien n’a été envoyé. Demandez à la personne qui s’en occupe s’il a été remplacé, puis confirmez la nouvelle empreinte.
copy-failure-login-refused = Le serveur refuse l’identifiant, le mot de passe ou la clé. Retapez-les, ou donnez de nouveau la clé du boîtier à la personne qui s’occupe du serveur.
copy-failure-bucket-missing = Cet espace de stockage (bucket) n’existe pas, ou ce compte n’y a pas droit. Vérifiez son nom, ou créez-le chez le fournisseur.
copy-failure-folder-missing = Le dossier n’existe pas à cet endroit. Vérifiez son nom ; si c’est un disque, branchez-le.
copy-failure-no-space = Il n’y a plus de place à la destination. Demandez plus de place, ou gardez moins de copies.
copy-failure-write-refused = Ce compte peut lire mais pas écrire. Demandez le droit d’écrire dans ce dossier.
copy-failure-delete-refused = Ce compte peut écrire mais pas effacer. Demandez ce droit : sans lui, la place ne serait jamais rendue.
copy-failure-no-repository = Il n’y a pas de copie à cet endroit. Elle a peut-être été déplacée ou effacée.
copy-failure-repository-exists = Il y a déjà une copie à cet endroit.
copy-failure-wrong-key = La copie qui est à cet endroit ne s’ouvre pas avec la fiche de secours de ce boîtier : elle est à un autre. Choisissez un autre dossier.
copy-failure-damaged = Des morceaux de la copie manquent ou sont abîmés à la destination.
copy-failure-locked = Un autre programme travaille sur cette copie en ce moment. Le boîtier réessaie tout seul.
copy-failure-cut = La connexion a été coupée en cours de route. Le boîtier réessaie tout seul et reprend où il en était.
copy-failure-server-error = Le serveur répond par une erreur. Le boîtier réessaie tout seul ; si cela dure, prévenez la personne qui s’en occupe.
copy-failure-source-unreadable = Le boîtier n’a pas pu lire les fichiers à copier. Regardez l’état des disques sur la première page.
copy-failure-target-unwritable = Les fichiers repris n’ont pas pu être écrits : l’espace n’est pas accessible ou refuse l’écriture.
copy-failure-target-full = L’espace du boîtier est plein : il n’y a pas assez de place pour reprendre ces fichiers.
copy-failure-target-not-empty = Le dossier où reprendre ces fichiers n’est pas vide. Recommencez : un nouveau dossier sera choisi.
copy-failure-snapshot-missing = Cette version n’existe plus à la destination. Choisissez-en une autre.
copy-failure-path-missing = Ce fichier ou dossier n’est pas dans cette version. Choisissez un autre jour.
copy-failure-drill-mismatch = Les fichiers repris ne sont pas identiques à ceux qui avaient été copiés.
copy-failure-clock-not-trusted = Le boîtier n’est pas sûr de l’heure : rien n’est effacé tant qu’elle n’est pas vérifiée.
copy-failure-cancelled = Quelqu’un l’a arrêtée.
copy-failure-bad-job = Un réglage de cette destination ne convient pas. Vérifiez l’adresse.
copy-failure-internal = Le boîtier a rencontré une erreur qui vient de lui. Il réessaie tout seul ; le détail technique aidera à la corriger.

the-beginning = sa mise en place
none-yet = aucune pour l’instant

## Ce qui protège les fichiers, et ce qu’un disque de plus apporte.

protection-single = Rien ne protège ces fichiers : si le disque lâche, ils sont perdus.
protection-now =
    { $left ->
        [0] Aucun autre disque ne doit lâcher : les fichiers seraient perdus.
        [one] Un disque peut lâcher sans que rien ne soit perdu.
        [2] Deux disques peuvent lâcher sans que rien ne soit perdu.
       *[other] { $left } disques peuvent lâcher sans que rien ne soit perdu.
    }
protection-single-title = Rien ne protège ces fichiers
protection-title =
    { $left ->
        [1] Un disque peut lâcher sans que rien ne soit perdu
        [2] Deux disques peuvent lâcher sans que rien ne soit perdu
       *[other] { $left } disques peuvent lâcher sans que rien ne soit perdu
    }
protection-how =
    { $layout ->
        [single] Tous les fichiers sont sur un seul disque. S’il lâche, ils sont perdus : il ne reste que la copie à l’abri, si vous en avez une.
        [mirror] Chaque disque garde une copie complète de tous les fichiers.
        [parity] Les disques se partagent les fichiers, avec de quoi retrouver ce qui était sur l’un d’eux.
        [double_parity] { $spares ->
            [0] Les disques se partagent les fichiers, avec de quoi retrouver ce qui était sur deux d’entre eux.
           *[other] Les disques se partagent les fichiers, avec de quoi retrouver ce qui était sur deux d’entre eux. Un disque de réserve prend tout seul la place du premier qui lâche.
        }
       *[pairs] Les disques vont deux par deux ; chacun garde la copie de l’autre. La copie se refait plus vite quand un disque est remplacé.
    }
growth-spare = Garder un disque de réserve : il prend tout seul la place du premier qui lâche.
growth-safer =
    { $left ->
        [1] Mieux protéger : un disque pourra lâcher sans que rien ne soit perdu. { $usable } utilisables, comme avant.
        [2] Mieux protéger : deux disques pourront lâcher sans que rien ne soit perdu. { $usable } utilisables, comme avant.
       *[other] Mieux protéger : { $left } disques pourront lâcher sans que rien ne soit perdu. { $usable } utilisables, comme avant.
    }
growth-larger =
    { $left ->
        [1] Avoir plus de place : { $usable } utilisables. Un disque peut lâcher sans que rien ne soit perdu, comme avant.
       *[other] Avoir plus de place : { $usable } utilisables. { $left } disques peuvent lâcher sans que rien ne soit perdu, comme avant.
    }
member-in-use = En service
member-filling = Se remplit
member-spare = En réserve
member-leaving = Se fait copier, puis pourra être retiré
member-failed = A lâché
member-joining = Va rejoindre les autres
member-missing = N’est pas là
member-waiting = Est là
