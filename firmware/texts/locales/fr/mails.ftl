## Ce qui entoure les phrases d’un incident dans un mail, et le mail d’essai.

mail-subject = { $title } ({ $box })
mail-question-safe = Vos fichiers sont-ils en sécurité ?
mail-question-do = Que faire ?
mail-question-when = Avant quand ?
mail-nothing-to-do = Rien : c’était pour vous le dire.
mail-detail = Détail technique pour la personne qui vous aide : { $detail }. Incident n° { $number }.
mail-detail-number = Incident n° { $number }.
mail-signature = Ce message vient du boîtier Préau « { $box } ». Personne ne lit les réponses.

mail-test-subject = Mail d’essai : le code est { $code } ({ $box })
mail-test-body = Ce mail d’essai vient du boîtier Préau « { $box } ». S’il vous parvient, les alertes vous parviendront aussi.
mail-test-code = Tapez ce code sur la page du boîtier :
mail-test-valid = Le code est valable une heure. Si vous n’avez rien demandé, ignorez ce message.

## La lettre du mois.

letter-subject = { $state ->
    [well] { $month } : tout va bien ({ $box })
   *[look] { $month } : quelque chose est à regarder ({ $box })
}
letter-lead = Des nouvelles du boîtier : { $month }.
letter-now = Aujourd’hui
letter-files = Vos fichiers
letter-space = Il reste { $free } sur { $total }.
letter-read-well = Tout a été relu le { $day } : rien n’est abîmé.
letter-read-repaired = Tout a été relu le { $day } : ce qui était abîmé a été réparé.
letter-read-broken = Tout a été relu le { $day } : des fichiers sont abîmés. La page d’état dit lesquels : http://preau.local.
letter-disks = Les disques
letter-disks-well = { $count ->
    [one] Le disque est en bonne santé.
   *[other] Les { $count } disques sont en bonne santé.
}
letter-disk = { $disk } : { $state }.
letter-copies = Les copies à l’abri
letter-copies-none = Il n’y en a pas. Si le boîtier brûle ou est volé, les fichiers sont perdus. Pour en faire une chaque nuit : http://preau.local/copies
letter-copy = { $name } : { $said }
letter-copy-last = dernière copie le { $day }.
letter-copy-none = pas encore de copie.
letter-proof = Le { $day }, des fichiers en ont été repris pour vérifier : tous étaient intacts.
letter-proof-none = Aucun fichier n’en a encore été repris pour vérifier.
letter-events = Ce mois-ci
letter-events-none = Il ne s’est rien passé.
letter-event = { $day } : { $title }{ $state ->
    [open] {""} (toujours en cours)
   *[over] {""} (terminé)
}
letter-heartbeat = Cette lettre part le premier de chaque mois. Si elle ne vient pas, le boîtier est éteint ou n’a plus internet : allez voir.

## Ce que le boîtier affiche sur sa console et dans le fichier de sa carte.

notice-open = Ouvrez { $address } depuis un ordinateur ou un téléphone du même réseau.
notice-code = Code du boîtier : { $code }
notice-fingerprint = Le navigateur avertit que le boîtier lui est inconnu : c’est normal la première fois. L’empreinte de son autorité (SHA-256) doit être : { $fingerprint }
