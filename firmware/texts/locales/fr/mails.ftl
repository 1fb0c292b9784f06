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

## Ce que le boîtier affiche sur sa console et dans le fichier de sa carte.

notice-open = Ouvrez { $address } depuis un ordinateur ou un téléphone du même réseau.
notice-code = Code du boîtier : { $code }
notice-fingerprint = Le navigateur avertit que le boîtier lui est inconnu : c’est normal la première fois. L’empreinte de son autorité (SHA-256) doit être : { $fingerprint }
