## The pages' texts.

skip-link = Skip to content
nav-label = Pages
nav-home = Status
nav-people = People
nav-mail = Emails
nav-history = History
nav-sheet = Recovery sheet
nav-certificate = Secure connection
logout = Log out
language-name = English
technical-detail = Technical detail, for the person who helps you
password-field = Password
password-show = Show
password-hide = Hide
connection-lost = This page gets no more news from the box. Check that it is switched on and connected; the page will catch up by itself.

# When a page cannot be shown.
trouble-starting-title = The box is starting
trouble-starting-what = It will be ready in a moment. There is nothing for you to do.
trouble-again = This page tries again by itself.
trouble-home = Back to the first page
trouble-odd-title = This page cannot be shown
trouble-odd-what = The box gave an unexpected answer. Your files are not affected. Try again in a minute; if nothing changes, unplug the box and plug it in again.
trouble-refused-title = That is not possible now
trouble-not-found-title = There is nothing at this address
trouble-not-found-what = Check the address, or go back to the first page.
trouble-cross-site-title = Request refused
trouble-cross-site-what = This request does not come from one of the box’s pages. Go back to the first page and start again.
trouble-malformed-title = Request refused
trouble-malformed-what = The box did not understand what was sent, or it was too long. Go back and try again.
trouble-host = This name is not the box’s. Open https://preau.local
call-cross-site = This request does not come from one of the box’s pages.
call-too-large = The request is larger than 64 KiB.
call-cut-short = The request did not arrive whole. Try again.
call-address = This address is not valid.
call-starting = The box is starting. Try again in a moment.
call-https-only = Nothing can be sent unprotected. Use https://.

# The unprotected page, which leads to the other.
plain-title = Welcome to Préau
plain-lead = This box keeps the school's files. So that nobody on the network can read your passwords, the next page is encrypted.
plain-step-open = Press the button below.
plain-step-warning = The first time, your browser shows a warning. That is normal: it does not know this box yet.
plain-step-go-on = Choose “Advanced”, then “Continue to the site” or “Accept the risk”.
plain-button = Open the box’s page
plain-why = Why this warning?
plain-why-text = A site on the internet has its identity confirmed by a company that browsers know. The box stays with you: it made its own certificate, the only one of its kind. The connection is encrypted; the browser only asks whether this is really your box. To be certain, compare the fingerprint below with the one on the screen plugged into the box.
authority-title = No more warning
authority-why = Install the box’s certificate on the computers that use it often. It is good for this box alone, on your network.
authority-download = Download the certificate
authority-how = How do I install it?
authority-windows = Rename the file to preau-ca.crt and open it. Choose “Install Certificate”, “Local Machine”, then the store “Trusted Root Certification Authorities”.
authority-macos = Open the file: it is added to Keychain Access. Open “Préau” there, and under “Trust” choose “Always Trust”.
authority-firefox = Settings, “Privacy & Security”, “View Certificates”, “Authorities”, “Import”.
authority-android = Settings, “Security”, “Encryption & credentials”, “Install a certificate”, “CA certificate”.
authority-ios = Open the file in Safari, install the profile in Settings, then switch it on under “General”, “About”, “Certificate Trust Settings”.
fingerprint-title = Fingerprint of the certificate
fingerprint-why = The same one is shown on the screen plugged into the box.
certificate-title = Secure connection
certificate-why = The connection between your browser and the box is encrypted, with a certificate that the box made by itself.

# Log-in
login-title = Log in
login-field = Login
login-hint = The one you chose when setting up, for example elodie.durand.
login-password-hint = Capital and small letters matter.
login-button = Log in

# Set-up
setup-progress = Step { $step } of { $steps }
setup-over = The set-up is done
language-title = Welcome
language-lead = Which language should the box speak?
language-greeting = Pages and emails will be in English.

code-title = The box’s code
code-why = It proves that you have the box at hand. Nobody else on the network can set it up in your place.
code-where = You will find it:
code-where-screen = on the screen, if you plug one into the box;
code-where-card = or on its memory card, in the file code-du-boitier.txt, which any computer can open.
code-field = Code of the box
code-hint = Spaces, dashes and capitals do not matter.
code-button = Check the code

admin-title = Your account
admin-why = With this account you will look after the box. It opens the shared files too.
display-name-field = Name
display-name-hint = What people call you, for example Mrs Durand.
login-new-hint = What you will type to log in: small letters without accents, digits, a dot or a dash.
password-new-hint = At least { $min } characters. Three or four unrelated words make a good password. Write it down somewhere safe.
admin-button = Create my account

box-title = The name of the box
box-why = It is shown at the top of the pages and in the subject of emails. The time is used to date what happens.
box-name-field = Name of the school or place
box-name-hint = For example: École Jules-Ferry.
zone-field = Local time
zone-hint = Choose where the box is.
zone-group-france = France
zone-group-others = Elsewhere
zone-paris = Mainland France
zone-guadeloupe = Guadeloupe
zone-martinique = Martinique
zone-cayenne = French Guiana
zone-reunion = Réunion
zone-mayotte = Mayotte
zone-noumea = New Caledonia
zone-tahiti = Tahiti and the Society Islands
zone-marquesas = Marquesas Islands
zone-gambier = Gambier Islands
zone-wallis = Wallis and Futuna
zone-miquelon = Saint Pierre and Miquelon
box-button = Save the name and the time

disks-title = The disks
disks-why = With at least two disks, nothing is lost when one of them fails. The next step shows what is possible, before anything is erased.
adopt-found = These disks come from another Préau box
adopt-disks =
    { $count ->
        [one] One disk
       *[other] { $count } disks
    }
adopt-bays = {" "}(bay { $bays }).
adopt-used = They were last used on { $day }.
adopt-missing =
    { $count ->
        [one] One is missing. If it is somewhere, add it before you go on; without it the space works all the same, but nothing protects the files.
       *[other] { $count } are missing. If they are somewhere, add them before you go on.
    }
adopt-offer = Take over these disks
adopt-offer-why = With the old box’s recovery sheet, this one finds its settings, its accounts and its files again. Nothing is erased.
adopt-offer-early = Are you replacing a box or its card? Its disks are here.
adopt-title = Take over these disks
adopt-why = The card or the box is new, and the disks are the old ones: with the recovery sheet all becomes as before.
adopt-words-field = The twelve words of the sheet, or two of its parts
adopt-words-hint = In order (the two parts one after the other), with spaces between. Capital letters and numbers do not matter; the first four letters of each word are enough.
adopt-means = Nothing is written on the disks before the words are recognised. Then the account that you made here just now disappears: those of the old box count.
adopt-button = Open with the sheet and take over
adopt-busy = Reading the disks…
adopt-not-now = Not now
adopted-title = The box takes its place again
adopted-lead = The old box’s settings, accounts and passwords are taken over. The files open within a minute.
adopted-login = Log in with your old login and your old password.
adopted-people = The school’s computers find the space at the same address.
adopted-sheet = The same recovery sheet stays valid: put it back in its place.
adopted-button = Log in
disks-unreadable = The disks cannot be read at the moment.
disks-legend = Choose the disks of the space
disks-none = No disk is recognised. Slide the disks into the bays, all the way in, then look again.
disks-choose-some = Choose at least one disk.
disks-too-many = Choose at most eight disks.
disks-one-too-small = One of the disks is too small for the space. Leave it out.
disks-button = Go on with these disks
disks-look-again = Look again
disk-blank = Empty
disk-has = Holds:
disk-serial-end = no. …{ "\u2060" }{ $serial }
disk-serial-whole = Serial number, printed on the label:
disk-full-label = { $model }, no. { $serial }
disks-confirm-title = Which protection?
protection-why = Choose how many disks may fail. The more, the less room is left.
protection-legend = The protection of the files
protection-usable = About { $size } usable
protection-recommended = recommended
protection-leftover = On { $disk }, { $size } will not be used: each disk counts as the smallest.
protection-better-without = Without { $disk }, smaller than the others, about { $size } would be usable.
disks-erase-title = The disks to erase
disks-confirm-why = What is erased cannot be brought back. Compare the serial numbers with the labels on the disks.
disk-blank-consent = This disk is empty: nothing on it will be lost.
disk-has-consent = This disk is not empty. It holds:
disk-erase-tick = I agree to lose for ever everything on { $disk }.
disks-confirm-button = Erase these disks and create the space
disks-choose-others = Choose other disks

volume-title = The space is being prepared
volume-why = The box is preparing the disks. You can go on meanwhile.
volume-continue = Continue

people-title = People
people-why = Everybody who uses the files has a login of their own.
role-admin = Looks after the box
role-member = Uses the files
person-add-title = Add a person
person-name-hint = For example: First grade, or Mr Martin.
person-login-hint = Leave it empty and the box proposes one. Otherwise: small letters without accents, digits, a dot or a dash.
person-password-hint = At least { $min } characters. It opens the shared files; write it down for this person.
person-add-button = Add this person
person-remove = Remove…
person-remove-means = This person will no longer have access to the files. Those they put there stay.
person-remove-button = Remove { $name }
people-done-button = Continue with these people
people-later = You can add or remove people at any time.

mail-title = Emails
mail-why = When a disk fails, the box writes an email that says what to do. For that it needs an address to send from.
mail-proved = A test email did arrive: these settings work.
mail-to-title = Who should be told?
mail-recipients-field = Addresses to write to
mail-recipients-hint = One per line, ten at most: yours, and that of the person who stands in for you. Each gets an email of their own.
mail-from-title = Where do the emails leave from?
mail-from-field = Sender’s address
mail-from-hint = An address whose password you have, for example the school's.
mail-provider-field = Provider of this address
mail-provider-hint = The box knows the settings of the most common ones.
mail-provider-other = Another one
mail-provider-fill = Fill in the settings
mail-provider-academie = The server is usually called smtp.ac- followed by the name of the académie, for example smtp.ac-lyon.fr. The login is that of the mailbox, often without the part after @.
mail-provider-free = “SMTP authentifié” has to be switched on in your Free account first.
mail-provider-laposte = Mail programs have to be allowed in the settings of laposte.net first.
mail-provider-gmail = Google wants an “app password”, which you create in your Google account. The usual password is refused.
mail-provider-outlook = Microsoft refuses this kind of connection most of the time. Choose another address if you have one.
mail-provider-yahoo = Yahoo wants an “app password”, which you create in the account’s security settings.
mail-login-field = Login
mail-login-hint = Most often the whole address. Empty if the server asks for none.
mail-password-hint = The one of this address.
mail-password-kept = Leave it empty to keep the stored one.
mail-host-field = Outgoing mail server (SMTP)
mail-host-hint = For example: smtp.orange.fr.
mail-port-field = Port
mail-port-hint = 465 or 587.
mail-port-wrong = The port is a number from 1 to 65535. Try 465 or 587.
mail-security-field = Protection
mail-security-hint = Emails always leave encrypted.
mail-security-tls = TLS from the start (port 465)
mail-security-starttls = STARTTLS (port 587)
mail-advanced = Server with a private certificate
mail-ca-field = Certificate of the authority, in PEM
mail-ca-hint = Only if the person who helps you gave it to you. It begins with -----BEGIN CERTIFICATE-----.
mail-button = Save and send a test email
mail-busy = Sending…
mail-later-button = Set up emails later
mail-later-means = Until then the box cannot tell anybody. This page stays at your disposal.
mail-code-title = Did the email arrive?
mail-not-sent-title = The test email did not leave
mail-result-sent = The server accepted the email.
mail-result-failed = The email did not leave.
mail-code-why = Open the test email and copy its six digits here. If it does not arrive within a few minutes, look among the unwanted mail.
mail-code-field = Code received by email
mail-code-hint = Six digits.
mail-code-button = Confirm that the email arrived
mail-change = Change the settings
mails-waiting =
    { $count ->
        [one] One email is waiting to leave.
       *[other] { $count } emails are waiting to leave.
    }

# The recovery sheet
sheet-title = The recovery sheet
sheet-why = Twelve words on a sheet of paper: if the box’s card fails, they open the settings and the accounts again on a new box, with the same disks. Print this sheet, or copy it by hand.
sheet-print = Print the sheet
sheet-print-how = Without a printer at hand, copy the twelve words, in order, with a pen.
sheet-printed = I have the sheet on paper: continue
sheet-what = Twelve words on a sheet of paper. If the box’s card fails, they open the settings and the accounts again on a new box, with the same disks.
sheet-made = The sheet was made on { $day }.
sheet-proved = Somebody has the sheet: the box checked it on { $day }.
sheet-not-proved = The box does not know yet whether anybody has the sheet on paper.
sheet-check = Copy four words of the sheet
sheet-again-title = Show it again
sheet-again-why = If it is lost or cannot be read. Do it alone in front of the screen: whoever reads these words and takes the disks can open your settings.
sheet-password-hint = That of your account, once more.
sheet-show-button = Show the sheet
sheet-parts-title = The sheet in three parts
sheet-parts-offer = Share the secret
sheet-parts-why = Three papers for three people: the school, the town hall, an association for example. Any two of them together are as good as the sheet; one alone opens nothing. A paper that is lost can be printed again, the same.
sheet-parts-button = Show the three parts
sheet-parts-lead = Print these three papers and give them to three people. Two papers together are as good as the whole sheet; one alone opens nothing.
sheet-parts-print = Print the three papers
sheet-parts-back = Back to the sheet
sheet-words-title = Do you have the sheet?
sheet-words-why = Take the sheet and copy these four words. The box then knows that somebody has it, and that it can be read.
sheet-word = Word no. { $place }
sheet-word-hint = The one after the number { $place } on the sheet.
sheet-words-button = Check the four words
sheet-words-back = See the sheet again
sheet-code-offer = I keep the sheet in three parts
sheet-code-why = Take two of the three papers and type them one after the other, in full. The box then knows that somebody has them, and that they belong together.
sheet-code-field = The words of two papers
sheet-code-button = Check the two papers
sheet-later-button = Do it later
sheet-later-means = A reminder stays on the status page, and the box asks again by email in thirty days.
paper-title = Recovery sheet
paper-made = Made on { $day }.
paper-what-for = If the box’s card fails or the box is replaced, these twelve words open again the settings, the accounts and the passwords that are kept, encrypted, on the disks. They also open the copy made elsewhere.
paper-qr = The same words, for a telephone’s camera.
paper-part-title = Recovery sheet, part { $number } of { $parts }
paper-part-what-for = Alone, this paper opens nothing. With another of the { $parts } parts it opens again the settings, the accounts and the passwords that are kept on the disks, and the copy made elsewhere.
paper-part-keep = Keep it away from the box and from the other parts.
paper-part-keep-secret = No photograph, no email. Give it only to somebody from the school who needs it to start the box again.
paper-part-use-words = Type the fifteen words of this part, then, behind them, those of another.
paper-part-technical = For the person who helps you: Shamir’s sharing (two of three) of the sheet’s 128 bits, in words of the English BIP-39 list.
paper-keep-title = Where to keep it
paper-keep-away = Away from the box: in the safe of the school or of the town hall.
paper-keep-two = Two copies, in two places.
paper-keep-secret = No photograph, no email: whoever has these words and the disks can open your settings.
paper-use-title = How to use it
paper-use-disks = Push the disks into the new box and switch it on.
paper-use-page = Open https://preau.local and begin the set-up. At the step of the disks, choose “Take over these disks”.
paper-use-words = Type the twelve words, in order. Capital letters do not matter.
paper-technical = For the person who helps you: 128 random bits in words of the English BIP-39 list. The copy made elsewhere is read with restic: restic restore latest --path /commun --target taken-back. Its password: HKDF-SHA256 of these bits (salt “preau recovery sheet 1”, label “offsite”), written as 64 hexadecimal digits.

done-title = The box is ready
done-lead = Here is how to open the shared files, from each computer.
done-next-title = And now?
done-next-page = Keep this address: https://preau.local
done-next-mail = If something happens, the box writes to you. If not, you can forget about it.
done-next-unplug = Leave it switched on, through the summer too.
done-button = Finish and see how the box is

# Shares
share-title = The space “{ $share }”
share-online = The space “{ $share }” is open
share-offline = The space “{ $share }” is closed at the moment
share-how = How do I open it?
share-windows = File Explorer: paste this address at the top, then Enter.
share-macos = Finder, menu Go, “Connect to Server”: paste this address.
share-linux = Files, “Other Locations”: paste this address at the bottom.
share-login = The computer asks for the person’s login and password.

# Status
status-title = Status
status-as-of = As of { $moment }, the box’s time.
status-volume-title = Your files
status-disks-title = The disks
severity-none = In order
severity-mending = Being repaired
reminder-mail-not-set = Nobody is told if a disk fails: emails are not set up.
reminder-mail-not-proved = The box does not know whether its emails arrive: the code of a test email has not been copied yet.
reminder-sheet-not-proved = The box does not know whether anybody has the recovery sheet on paper: its words have not been copied yet.
reminder-sheet-link = Check the sheet
reminder-mail-link = Set up emails
volume-creating = The space is being prepared
volume-protected = All disks of the space work
volume-changing = The space can be used; a disk is being added or replaced
volume-copying = The space can be used; its protection is being set up
volume-degraded = A disk is missing
volume-rebuilding = The space can be used; the copy is being rebuilt
volume-offline = The files cannot be reached
progress-resync = The protection is being set up
progress-recover = The copy is being rebuilt
progress-check = The copies are being compared
progress-repair = The copies are being compared and put right
progress-reshape = The files are being spread over the disks
progress-with-rest = { $percent }% — { $rest } left. You can work meanwhile.
progress-plain = { $percent }%. You can work meanwhile.
space-free = { $free } free of { $total }
space-used = { $percent }% used
bay = Bay { $bay }
bay-none = Not in a bay
bay-empty = empty
bay-lost = the disk is missing
drawing-label = Front of the box. { $bays }
drawing-bay = Bay { $bay }: { $state }
disk-in-use = In use
disk-rebuilding = Is receiving the copy
disk-failed = Has failed
disk-waiting = Waits for its place
disk-free = Empty and free
disk-holds-data = Free, but not empty
disk-lost = Is no longer there
content-partition-table = partition table
content-windows = Windows disk ({ $kind })
content-mac = Mac disk ({ $kind })
content-linux = Linux disk ({ $kind })
content-nas = disk of a file server ({ $kind })
content-encrypted = encrypted disk ({ $kind })
content-raid = part of a group of disks ({ $kind })
content-lvm = part of a group of volumes ({ $kind })
content-swap = Linux swap space
content-disc = disc image ({ $kind })
content-preau = disk of another Préau box, with its files
content-other = data ({ $kind })
content-labelled = { $what } “{ $label }”, { $size }
content-plain = { $what }, { $size }

# Replacing a disk
candidate-found = Another disk is there: { $disk }.
candidate-button = Put this disk in its place
candidate-holds-data = It is not empty: the next page shows what it holds, before anything is erased.
replace-title = Put this disk in its place?
replace-why = The box erases this disk, then copies all the files onto it. Compare the serial number with the label.
replace-lost = It replaces { $disk }.
replace-meanwhile = The copy takes a few hours. The school can work meanwhile.
replace-button = Erase this disk and rebuild the copy
replace-not-now = Not now

# What protects the files
array-title = What protects your files
array-link = What protects your files, and adding a disk
array-members-title = The disks of the space
array-offline = The disks of the space are not being read at the moment.
array-add-title = One more disk
array-add-none = Push a disk of at least { $size } into a free bay: it will appear here. You then choose whether it protects your files better, gives more room, or replaces a disk that is wearing out.
array-add-found = This disk can be used: { $disk }.
array-add-link = Choose what it is for
array-consent-found = The space waits for your agreement before it is opened again.
array-consent-link = See what is at stake
array-start-title = Open the space again without the missing disk?
array-start-why = The power went while the box was writing, and a disk has been missing since. Without it, the box cannot check what was being written at that moment.
array-start-first = If you have the missing disk, put it back into its bay first: if it was there when the power went, everything opens again and nothing is lost.
array-start-risk = Otherwise, what was being written when the power went may be damaged. A damaged file does not open with wrong content: the computer says that it cannot be read. Once the disk has been replaced, the box reads everything and says which files are touched.
array-start-tick = I accept that what was being written when the power went may be lost.
array-start-button = Open the space again with these disks
use-title = What is this disk for?
use-why = The box erases this disk, then uses it. The school can work meanwhile. Compare the serial number with the label.
use-legend = Its purpose
use-replace = Replace { $disk }: it is copied first, then you can pull it out. The files stay protected meanwhile.
use-replace-lost = Replace { $disk }, which is no longer there.
use-choose = Choose what this disk is for.
use-button = Erase this disk and use it like this

# Incidents
incident-safe-title = Are your files safe?
incident-do-title = What to do?
incident-when-title = By when?
incident-being-mended = Nothing more: the new disk is in place and receives the copy. Leave the box switched on.
incident-opened = Since { $moment }.
incident-closed-at = Ended { $moment }.
incident-pending = Being watched
incident-open = Going on
incident-acknowledged = Going on, seen
incident-clearing = Ending
incident-closed = Ended
history-title = What happened
history-empty = Nothing to report since the set-up.
take-back-found = The box leaves { $disk } aside.
take-back-title = Take this disk back?
take-back-why-flapping = This disk disappeared several times within an hour. First check that it is firmly in place and that its cable holds: the box then copies to it what it lacks.
take-back-why-diverged = This disk was used elsewhere, without the others. To take it back, the box erases it, then copies all the school's files to it.
take-back-button = Take this disk back
take-back-button-erase = Erase this disk and take it back
disk-held-out = Left aside: it kept coming unplugged
disk-diverged = Left aside: it was used elsewhere

## The disks, one by one.

nav-disks = Disks
disks-list-empty = No disk is plugged in.
disk-asleep = asleep
disk-asleep-cool = The disk is asleep, and is left to sleep.
disk-no-thermometer = This disk has no thermometer.
disk-back = All disks
disk-reasons-title = Why
disk-firmware-warning = The maker has mended a fault of this disk's software. Show this to the person who helps you:
disk-temperature-title = Temperature
plot-label = Curve of the temperature: from { $from } to { $to } °C. The limit is { $limit } °C.
plot-caption = Between { $from } and { $to } °C. The dotted line marks { $limit } °C, the limit.
plot-now = now
disk-label-title = This disk
disk-fact-model = Model
disk-fact-serial = Serial number, on its label
disk-fact-size = Size
disk-fact-role = What it is for
disk-fact-age = Has run for
disk-age = { $age } ({ $hours } hours)
disk-fact-used = Wear
disk-used = { $percent } % of the promised writes
disk-fact-turns = Speed
disk-turns = { $turns } turns a minute
disk-fact-firmware = The disk's software
disk-as-of = Read on { $moment }.
school-title = School hours
school-why = During these hours the box leaves the disks and the Internet line to the school: disks do not test themselves, and offsite copies that are set to do so leave gently.
school-from = From
school-to = To
school-hour = { $hour }:00
school-weekends = On Saturdays and Sundays too
school-save = Keep these hours
school-hint = All the time somebody works on the files, before and after lessons included.

open-title = Copy what is on it
open-why = You can open this disk to copy its files into the share. Nothing is written on it, and only those who look after the box see it.
open-start = Open to copy from
open-now = This disk is open, read-only
open-folder = { $name } ({ $kind }, { $size })
open-how = Open this address on your computer, with your own account, then copy the folders into the share “{ $share }”.
open-stop = Close
open-pull = When you are done, close it; you may also unplug it at once, since nothing is written on it.

blink-title = Find it in the box
blink-why-bay_light = The light of its bay shows it for five minutes, or until you put it out.
blink-why-activity = For half a minute its light goes on every other second. Other lights may go on as well, but not in that rhythm.
blink-wakes = This disk is asleep: it wakes up to blink.
blink-start = Make it blink
blink-wake = Wake it and make it blink
blink-running-bay_light = The light of its bay is on
blink-running-activity = Its light goes on every other second
blink-left =
    { $count ->
        [one] One more second.
       *[other] { $count } more seconds.
    }
blink-stop = Stop
blink-again = Start over
blink-check = Before you take a disk out, always compare its label with the model and the serial number written here.

self-test-title = Self-test
self-test-why = The disk reads itself over while it works. The box asks it to each week, at night; you can do it now as well.
self-test-none = This disk cannot test itself.
self-test-short = Short test
self-test-short-takes = Short test ({ $length })
self-test-long = Complete test
self-test-long-takes = Complete test ({ $length })
self-test-running = The disk is testing itself
self-test-done = { $percent } % is done.
self-test-meanwhile = The school can go on working.
self-test-abort = Stop the test
self-test-refresh = See how far it is
self-test-log = Latest tests
self-test-kind-short = Short test
self-test-kind-long = Complete test
self-test-passed = nothing found
self-test-failed = an error found
self-test-unfinished = did not come to its end
self-test-line = { $kind }: { $outcome }
self-test-line-ago = { $kind }, { $ago } ago: { $outcome }
disk-figures-title = All figures of the disk
disk-figures-why = For the person who helps you: the SMART figures as the disk gives them.
disk-figures-name = Figure
disk-figures-value = Value
disk-figures-worst = Worst
disk-figures-threshold = Threshold
disk-figures-raw = Raw
disk-incidents-title = What happened to it

# The reading of everything that is kept.
scrub-title = Reading the disks again
scrub-why = Once a month, at night, the box reads everything that it keeps and repairs what was damaged.
scrub-running = The disks are being read
scrub-waiting = The reading goes on tonight
scrub-paused = The reading is paused
scrub-last = Last reading: { $moment }.
scrub-last-repaired = Last reading: { $moment }. Damaged data was repaired.
scrub-next = Next reading: from { $moment }.
scrub-start = Read the disks now
scrub-pause = Pause the reading
scrub-go-on = Go on with the reading
