## How a disk is. `disk-reason-…` are sentences about the disk; `disk-figure-…` is the
## same for the person who helps.

verdict-healthy = In good health
verdict-watch = To be watched
verdict-replace_soon = Replace soon
verdict-failed = Failed
verdict-unreadable = Does not answer
verdict-unknown = Not read yet

verdict-sentence-healthy = This disk is well.
verdict-sentence-watch = This disk works. Something needs watching.
verdict-sentence-replace_soon = This disk still works. Replace it before it fails.
verdict-sentence-failed = Do not trust this disk any more.
verdict-sentence-unreadable = This disk is plugged in but does not answer.
verdict-sentence-unknown = This disk was plugged in a moment ago: how it is will be read shortly.

disk-reason-never-read = It has not said anything about itself yet.
disk-reason-silent = It has not answered since { $since }.
disk-reason-own-verdict = It says of itself that it is failing.
disk-reason-below-threshold = One of its figures has reached the limit that its maker set.
disk-reason-unreadable =
    { $count ->
        [one] It can no longer read one place on its surface.
       *[other] It can no longer read { $count } places on its surface.
    }
disk-reason-reallocated =
    { $count ->
        [one] It had to replace one damaged place on its surface.
       *[other] It had to replace { $count } damaged places on its surface.
    }
disk-reason-reallocated-grown =
    { $count ->
        [one] It had to replace one damaged place on its surface, this month.
       *[other] It had to replace { $count } damaged places on its surface, { $grown } of them this month.
    }
disk-reason-uncorrected =
    { $count ->
        [one] Once, it could not give back what it had kept.
       *[other] { $count } times, it could not give back what it had kept.
    }
disk-reason-corrupted =
    { $count ->
        [one] Once, data was damaged inside the disk.
       *[other] { $count } times, data was damaged inside the disk.
    }
disk-reason-cable = What it exchanges with the box arrives garbled ({ $grown } times this month): it probably sits badly in its bay, rather than being broken.
disk-reason-worn = It has used up { $percent } % of the writes that its maker promises.
disk-reason-warning = It reports that parts of it have failed.
disk-reason-spare-low = Its spare space is nearly used up: { $percent } % is left.
disk-reason-self-test-failed = It found an error when it tested itself.
disk-reason-self-test-failed-old = It found an error when it tested itself, more than a year ago.
disk-reason-read-failed =
    { $count ->
        [one] Once since yesterday, it could not read what the box asked for.
       *[other] { $count } times since yesterday, it could not read what the box asked for.
    }
disk-reason-hot = It is at { $degrees } °C, which is too hot.
disk-reason-medium-errors =
    { $count ->
        [one] The box could not read or write one place on it, since yesterday.
       *[other] The box could not read or write on it, { $count } times since yesterday.
    }
disk-reason-link-resets = Its link with the box was cut { $count } times since yesterday: it probably sits badly in its bay or its cable is loose, rather than being broken.
disk-reason-controller-resets = Its link was cut together with that of other disks: the box or its power supply needs a look, not this disk.
disk-reason-repaired =
    { $count ->
        [one] It gave out data that had changed by itself ({ $size }): the reading put it right from the other disks.
       *[other] It gave out data that had changed by itself, at { $count } readings within a year ({ $size }): it was put right from the other disks.
    }
disk-reason-marked = The box can no longer keep some places of the files on it: they are only on the other disks now.

disk-figure-never-read = SMART: no answer
disk-figure-silent = SMART: no answer since { $since }
disk-figure-own-verdict = SMART: the disk announces its failure
disk-figure-below-threshold = SMART attribute { $id }: value { $value }, threshold { $threshold }
disk-figure-unreadable =
    { $count ->
        [one] 1 unreadable sector (attribute { $id })
       *[other] { $count } unreadable sectors (attribute { $id })
    }
disk-figure-reallocated =
    { $count ->
        [one] 1 reallocated sector
       *[other] { $count } reallocated sectors
    }
disk-figure-uncorrected =
    { $count ->
        [one] 1 uncorrected error
       *[other] { $count } uncorrected errors
    }
disk-figure-corrupted =
    { $count ->
        [one] 1 internal end-to-end error (attribute 184)
       *[other] { $count } internal end-to-end errors (attribute 184)
    }
disk-figure-cable = CRC errors of the link (attribute 199)
disk-figure-worn = wear: { $percent } %
disk-figure-warning = NVMe: critical warning { $bits }
disk-figure-spare-low = spare: { $percent } %, threshold { $threshold } %
disk-figure-self-test-failed = self-test failed at { $hours } h
disk-figure-read-failed =
    { $count ->
        [one] 1 test read failed within 24 h
       *[other] { $count } test reads failed within 24 h
    }
disk-figure-hot = { $degrees } °C
disk-figure-medium-errors = kernel: { $count } medium errors in 24 h
disk-figure-link-resets = kernel: { $count } link resets in 24 h
disk-figure-controller-resets = kernel: { $count } controller resets in 24 h
disk-figure-repaired = dm-integrity: { $size } rewritten in { $count } scrub(s)
disk-figure-marked = md: { $state }, { $count } sectors set aside
disk-figure-with-growth = { $figure }, +{ $grown } in 30 days
