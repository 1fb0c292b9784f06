## Names of things, sizes, durations: used by pages, mails and refusals alike.

the-disk-of-bay = the disk in bay { $bay }
the-disk-of-bay-label = the disk in bay { $bay } ({ $label })
the-disk-label = the disk { $label }
a-disk = a disk
disk-label = { $model }, no. …{ $serial }
disk-label-serial-only = no. …{ $serial }
the-bay = bay { $bay }
the-bays-two = bay { $first } and bay { $second }
the-other-disk = the other disk

duration-less-than-a-minute = less than a minute
duration-minutes =
    { $count ->
        [one] about { $count } minute
       *[other] about { $count } minutes
    }
duration-hours =
    { $count ->
        [one] about { $count } hour
       *[other] about { $count } hours
    }
duration-days =
    { $count ->
        [one] about { $count } day
       *[other] about { $count } days
    }
duration-years = about { $count } years

# A box that has no name yet.
box-without-name = Préau

severity-info = Information
severity-attention = To be settled soon
severity-data-at-risk = Act without delay
