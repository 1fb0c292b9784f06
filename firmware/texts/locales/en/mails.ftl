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

## What the box shows on its console and in the file on its card.

notice-open = Open { $address } from a computer or a phone on the same network.
notice-code = Code of the box: { $code }
notice-fingerprint = The browser warns that it does not know the box: that is expected the first time. The fingerprint of its authority (SHA-256) must be: { $fingerprint }
