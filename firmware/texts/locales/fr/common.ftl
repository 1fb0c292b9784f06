## Names of things, sizes, durations: used by pages, mails and refusals alike.

the-disk-of-bay = le disque de la baie { $bay }
the-disk-of-bay-label = le disque de la baie { $bay } ({ $label })
the-disk-label = le disque { $label }
a-disk = un disque
disk-label = { $model }, n° …{ $serial }
disk-label-serial-only = n° …{ $serial }
the-bay = la baie { $bay }
the-bays-two = la baie { $first } et la baie { $second }
the-other-disk = l’autre disque

duration-less-than-a-minute = moins d’une minute
duration-minutes =
    { $count ->
        [one] environ { $count } minute
       *[other] environ { $count } minutes
    }
duration-hours =
    { $count ->
        [one] environ { $count } heure
       *[other] environ { $count } heures
    }
duration-days =
    { $count ->
        [one] environ { $count } jour
       *[other] environ { $count } jours
    }
duration-years = environ { $count } ans

# Un boîtier qui n’a pas encore de nom.
box-without-name = Préau

severity-info = Information
severity-attention = À régler bientôt
severity-data-at-risk = À traiter sans attendre
