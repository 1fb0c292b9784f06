## What surrounds the sentences of an incident in a mail, and the test mail.

mail-subject = { $title } ({ $box })
mail-question-safe = Are your files safe?
mail-question-do = What to do?
mail-question-when = By when?
mail-nothing-to-do = Nothing: this was only to tell you.
mail-detail = Technical detail for the person who helps you: { $detail }. Incident no. { $number }.
mail-detail-number = Incident no. { $number }.
mail-signature = This message comes from the Préau box “{ $box }”. Nobody reads replies.

mail-test-subject = Test mail: the code is { $code } ({ $box })
mail-test-body = This test mail comes from the Préau box “{ $box }”. If it reaches you, alerts will reach you too.
mail-test-code = Type this code on the box's page:
mail-test-valid = The code is valid for one hour. If you did not ask for it, ignore this message.

## The letter of the month.

letter-subject = { $state ->
    [well] { $month }: all is well ({ $box })
   *[look] { $month }: something needs a look ({ $box })
}
letter-lead = News from the box: { $month }.
letter-now = Today
letter-files = Your files
letter-space = { $free } of { $total } are free.
letter-read-well = Everything was read again on { $day }: nothing is damaged.
letter-read-repaired = Everything was read again on { $day }: what was damaged has been repaired.
letter-read-broken = Everything was read again on { $day }: some files are damaged. The status page says which: http://preau.local.
letter-disks = The disks
letter-disks-well = { $count ->
    [one] The disk is in good health.
   *[other] The { $count } disks are in good health.
}
letter-disk = { $disk }: { $state }.
letter-copies = The copies elsewhere
letter-copies-none = There are none. If the box burns or is stolen, the files are lost. To have one made every night: http://preau.local/copies
letter-copy = { $name }: { $said }
letter-copy-last = last copy on { $day }.
letter-copy-none = no copy yet.
letter-proof = On { $day } some files were brought back from it as a check: all were intact.
letter-proof-none = No file was brought back from it as a check yet.
letter-events = This month
letter-events-none = Nothing happened.
letter-event = { $day }: { $title }{ $state ->
    [open] {""} (still going on)
   *[over] {""} (over)
}
letter-heartbeat = This letter leaves on the first of each month. If it does not come, the box is off or without internet: go and see.

## What the box shows on its console and in the file on its card.

notice-open = Open { $address } from a computer or a phone on the same network.
notice-code = Code of the box: { $code }
notice-fingerprint = The browser warns that it does not know the box: that is expected the first time. The fingerprint of its authority (SHA-256) must be: { $fingerprint }
