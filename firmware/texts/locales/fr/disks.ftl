## Comment va un disque. `disk-reason-…` sont des phrases dont le disque est le sujet ;
## `disk-figure-…` est la même chose pour la personne qui aide.

verdict-healthy = En bonne santé
verdict-watch = À surveiller
verdict-replace_soon = À remplacer bientôt
verdict-failed = Hors d’usage
verdict-unreadable = Ne répond pas
verdict-unknown = Pas encore lu

verdict-sentence-healthy = Ce disque va bien.
verdict-sentence-watch = Ce disque fonctionne. Quelque chose est à surveiller.
verdict-sentence-replace_soon = Ce disque fonctionne encore. Remplacez-le avant qu’il ne lâche.
verdict-sentence-failed = Ne faites plus confiance à ce disque.
verdict-sentence-unreadable = Ce disque est branché mais ne répond pas.
verdict-sentence-unknown = Ce disque vient d’être branché : son état se lit dans un instant.

disk-reason-never-read = Il n’a encore rien dit de son état.
disk-reason-silent = Il ne répond plus depuis { $since }.
disk-reason-own-verdict = Il annonce lui-même qu’il est en train de lâcher.
disk-reason-below-threshold = Une de ses mesures a atteint la limite fixée par son fabricant.
disk-reason-unreadable =
    { $count ->
        [one] Il n’arrive plus à relire un endroit de sa surface.
       *[other] Il n’arrive plus à relire { $count } endroits de sa surface.
    }
disk-reason-reallocated =
    { $count ->
        [one] Il a dû remplacer un endroit abîmé de sa surface.
       *[other] Il a dû remplacer { $count } endroits abîmés de sa surface.
    }
disk-reason-reallocated-grown =
    { $count ->
        [one] Il a dû remplacer un endroit abîmé de sa surface, ce mois-ci.
       *[other] Il a dû remplacer { $count } endroits abîmés de sa surface, dont { $grown } ce mois-ci.
    }
disk-reason-uncorrected =
    { $count ->
        [one] Une fois, il n’a pas pu rendre ce qu’il avait gardé.
       *[other] { $count } fois, il n’a pas pu rendre ce qu’il avait gardé.
    }
disk-reason-corrupted =
    { $count ->
        [one] Une fois, des données se sont abîmées à l’intérieur du disque.
       *[other] { $count } fois, des données se sont abîmées à l’intérieur du disque.
    }
disk-reason-cable = Ses échanges avec le boîtier arrivent brouillés ({ $grown } fois ce mois-ci) : il est sans doute mal enfoncé, plutôt qu’en panne.
disk-reason-worn = Il a usé { $percent } % des écritures que son fabricant promet.
disk-reason-warning = Il signale une panne de ses composants.
disk-reason-spare-low = Sa réserve de secours est presque épuisée : il en reste { $percent } %.
disk-reason-self-test-failed = Il a trouvé une erreur en se contrôlant lui-même.
disk-reason-self-test-failed-old = Il a trouvé une erreur en se contrôlant lui-même, il y a plus d’un an.
disk-reason-read-failed =
    { $count ->
        [one] Une fois depuis hier, il n’a pas pu lire ce que le boîtier lui demandait.
       *[other] { $count } fois depuis hier, il n’a pas pu lire ce que le boîtier lui demandait.
    }
disk-reason-hot = Il est à { $degrees } °C, c’est trop chaud.
disk-reason-medium-errors =
    { $count ->
        [one] Le boîtier n’a pas réussi à y lire ou y écrire un endroit, depuis hier.
       *[other] Le boîtier n’a pas réussi à y lire ou y écrire, { $count } fois depuis hier.
    }
disk-reason-link-resets = Sa liaison avec le boîtier a été coupée { $count } fois depuis hier : il est sans doute mal enfoncé ou son câble tient mal, plutôt qu’en panne.
disk-reason-controller-resets = Sa liaison a été coupée en même temps que celle d’autres disques : c’est le boîtier ou son alimentation qu’il faut regarder, pas ce disque.
disk-reason-repaired =
    { $count ->
        [one] Il a rendu des données qui avaient changé toutes seules ({ $size }) : la relecture les a réparées grâce aux autres disques.
       *[other] Il a rendu des données qui avaient changé toutes seules, à { $count } relectures depuis un an ({ $size }) : elles ont été réparées grâce aux autres disques.
    }
disk-reason-marked = Le boîtier n’arrive plus à y garder certains endroits des fichiers : ils ne sont plus que sur les autres disques.

disk-figure-never-read = SMART : aucune réponse
disk-figure-silent = SMART : aucune réponse depuis { $since }
disk-figure-own-verdict = SMART : le disque annonce sa panne
disk-figure-below-threshold = attribut SMART { $id } : valeur { $value }, seuil { $threshold }
disk-figure-unreadable =
    { $count ->
        [one] 1 secteur illisible (attribut { $id })
       *[other] { $count } secteurs illisibles (attribut { $id })
    }
disk-figure-reallocated =
    { $count ->
        [one] 1 secteur réalloué
       *[other] { $count } secteurs réalloués
    }
disk-figure-uncorrected =
    { $count ->
        [one] 1 erreur non corrigée
       *[other] { $count } erreurs non corrigées
    }
disk-figure-corrupted =
    { $count ->
        [one] 1 erreur interne de bout en bout (attribut 184)
       *[other] { $count } erreurs internes de bout en bout (attribut 184)
    }
disk-figure-cable = erreurs CRC de la liaison (attribut 199)
disk-figure-worn = usure : { $percent } %
disk-figure-warning = NVMe : alerte critique { $bits }
disk-figure-spare-low = réserve : { $percent } %, seuil { $threshold } %
disk-figure-self-test-failed = autotest échoué à { $hours } h
disk-figure-read-failed =
    { $count ->
        [one] 1 lecture d’essai échouée en 24 h
       *[other] { $count } lectures d’essai échouées en 24 h
    }
disk-figure-hot = { $degrees } °C
disk-figure-medium-errors = noyau : { $count } erreurs de surface en 24 h
disk-figure-link-resets = noyau : { $count } réinitialisations de la liaison en 24 h
disk-figure-controller-resets = noyau : { $count } réinitialisations du contrôleur en 24 h
disk-figure-repaired = dm-integrity : { $size } réécrits en { $count } relecture(s)
disk-figure-marked = md : { $state }, { $count } secteurs écartés
disk-figure-with-growth = { $figure }, +{ $grown } en 30 jours
