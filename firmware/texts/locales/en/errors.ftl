## Refusals: what was refused, the rule, how to put it right.

example-login = elodie.durand
example-display-name = Mrs Durand
example-box-name = Jules Ferry School
example-mail-address = head@school.example.org
example-password = four words that have nothing in common

name-empty = This field cannot stay empty. Write for example: { $example }.
name-too-long = This is too long: { $max } characters at most. Write for example: { $example }.
name-too-short = This is too short: { $min } characters at least. Write for example: { $example }.
name-reserved = The system keeps this name for itself. Write for example: { $example }.
name-characters = One of the characters is not allowed. Write for example: { $example }.
name-taken = This name is taken. Choose another one.

login-empty = A login is needed. Write for example: { $example }.
login-characters = A login begins with a letter and has only lower-case letters without accents, digits, a dot, a dash or an underscore. Write for example: { $example }.
login-reserved = The system keeps this login for itself. Write for example: { $example }.
login-taken = Somebody has this login already. Add a digit, for example.
display-name-characters = The name cannot contain / \ : * ? " {"<"} {">"} or |. Write for example: { $example }.
box-name-characters = The name cannot contain / \ : * ? " {"<"} {">"} or |. Write for example: { $example }.
display-name-taken = Somebody has this name already. Add what tells them apart, the class for example.
mail-address-characters = This is not a mail address. Write for example: { $example }.
mail-address-taken = This address is in the list already.
password-empty = A password of at least { $min } characters is needed, for example { $example }.
password-too-short = This password is too short: { $min } characters at least. Take for example { $example }.
password-too-long = This password is too long: { $max } bytes at most.
password-characters = A password cannot contain a line break or another invisible character.

error-password-too-weak = This password is guessed too quickly. Take for example four words that have nothing in common.

error-wrong-code = This is not the code of the box. It has ten letters or digits and is shown on the screen plugged into the box and in the file code-du-boitier.txt on its card.
error-too-many-tries = Too many tries in a row. Try again in { $seconds } seconds.
error-already-claimed = This box has somebody who looks after it already. Log in with that account.
error-not-logged-in = Log in first.
error-wrong-password = The login or the password is not right. Only those who look after the box log in here.
error-not-this-step = The set-up is not at this step. Reload the page to take it up where it stands.
error-settings-lost = The box's settings cannot be read. Nothing is changed until they are put right: show this message to the person who helps you.

error-not-json = The request is not valid JSON: { $detail }.
error-unknown-field = The field “{ $field }” does not exist here. Leave it out.
error-missing-field = The field “{ $field }” is missing. Add it.
error-wrong-type = The field “{ $field }” is not of the expected shape: { $detail }.
error-too-large = The request is too large: { $max } bytes at most.
error-not-found = There is nothing at this address.
error-method-not-allowed = This address does not take this method.
error-not-stored = The box's card could not store this change. Nothing is changed. Try again; if this comes back, the card needs replacing.
error-system = The box could not do it. Nothing is stored. Try again; if this comes back, show the detail to the person who helps you: { $detail }.

error-unknown-time-zone = This time zone does not exist. Write for example: Europe/Paris.

error-disks-unreadable = The disks cannot be read at the moment. Try again in a minute.
error-disk-gone = This disk is no longer there. Nothing was erased. Check that it is pushed in firmly and choose again.
error-other-serial = This is not the disk that you confirmed: its serial number is another one. Nothing was erased.
error-contents-changed = This disk holds data that were not confirmed. Nothing was erased. Look at what it holds and confirm again.
error-no-such-disk = This disk is not plugged in. Look at the list of disks.
error-no-self-test = This disk cannot test itself.
error-copy-running = A copy is being made: the disks have enough to do. Try again when it is finished.
error-disk-silent = This disk does not answer. Try again in a minute; if it still does not, the box will tell you.
error-all-blink = All disks are at work now and all their lights flicker: this one would not be recognised. Wait for the copy or the reading to end, or compare the serial number on the label.
error-disk-asleep = This disk is asleep, and has to be woken to blink. Open its page and confirm that.
error-not-openable = This disk carries no files that the box can read, or it belongs to a Préau box. It reads disks from Windows, from Linux and USB sticks (NTFS, exFAT, FAT, ext4, btrfs), not those of a Mac.
error-disk-of-copies = This disk is used for offsite copies. You find its files on the page “Offsite copies”.
error-disk-in-use = This disk belongs to the space already. Choose another one.
error-disk-too-small = This disk is too small: one of at least { $size } is needed.
error-disk-count = Choose between one and { $max } disks, all different.
error-layout-misfit =
    { $layout ->
        [single] Without protection, choose a single disk.
        [mirror] For complete copies, choose at least two disks.
        [parity] For one disk to be allowed to fail, choose at least three disks.
        [double_parity] For two disks to be allowed to fail, choose at least four disks.
       *[pairs] For copies in pairs, choose an even number of disks: four, six or eight.
    }
error-change-under-way = A disk is already being copied, added or replaced, or one is missing. Wait until that is over.
error-growth-impossible = One more disk cannot bring that here. Choose from what the page offers.
error-not-replaceable = This disk is not part of the space, or does not yet hold all that it should.
error-nothing-to-start = The space does not wait for this agreement, or its disks have changed since. Read the page again.
error-volume-exists = The space exists already, on other disks. It is not replaced.
error-no-volume = There is no space yet. Choose the disks first.
error-nothing-to-replace = No disk needs replacing.
error-not-held-out = This disk is not left aside: there is nothing to take back.

error-no-scrub = No reading of the disks is going on. Start one first.
error-last-admin = This is the last person who looks after the box: one is needed. Name another one first.
error-no-such-person = Nobody has this login.
error-no-such-incident = There is no open incident of this number.

error-mail-host = This is not the name of a server. Write for example: smtp.example.org.
error-mail-port = This is not a port. Write 465 for TLS, or 587 for STARTTLS.
error-mail-recipients = There must be 1 to 10 recipients.
error-mail-certificate = This is not a certificate in PEM. It begins with -----BEGIN CERTIFICATE-----.
error-mail-login = The login for the mail server cannot be empty or longer than { $max } characters.
error-mail-not-set = No mail server is set. Set one first.
error-wrong-mail-code = This is not the code of the test mail. It has six digits and is in the subject of the mail.
error-no-mail-code = No code is waiting, or it is more than an hour old. Send a new test mail.

error-no-sheet = There is no recovery sheet yet: it is made with the first account. Finish that step first.
error-other-words-asked = The box asks for other words of the sheet. Reload the page.
error-wrong-word = This is not word no. { $place } of the sheet. Check that it is the last one printed, and copy the whole word.

sheet-wrong-word = no. { $place } “{ $word }”
error-sheet-count = The sheet has twelve words (and each of its parts fifteen), and there are { $found } here. Write all of them, in order, with spaces between.
error-sheet-words = These words are not possible: { $words }. Compare them with the sheet.
error-sheet-one-part = This is part { $number } of the sheet, and two are needed. Type the fifteen words of another part behind it.
error-sheet-same-part = This is part { $number } twice. Two different parts are needed.
error-sheet-other-part = These two parts do not come from the same sheet. Compare the box’s name and the date on the papers.
error-sheet-checksum = Each of these words is possible, but one is not the right one or two have changed places. Compare them one by one with the sheet.
error-other-sheet = These are the words of another sheet. Look for the one with this box’s name and the latest date.
error-wrong-sheet = This sheet is not that of these disks. Nothing was written on them. Look for the sheet that bears the old box’s name.
error-no-such-set = These disks are no longer there. Push them firmly into their bays and look again.
error-set-unreadable = These disks cannot be read. Nothing was written on them. Check that all of them are pushed in and try again; if it comes back, show this detail to the person who helps you: { $detail }.
error-kept-nothing = These disks carry no settings: the old box had no time to keep them there. Nothing was written on them. Ask the person who helps you before you erase anything.
error-kept-newer = These disks come from a more recent box. Nothing was written on them. Update this box first.
error-kept-damaged = The sheet is the right one, but the settings kept on these disks are damaged. Nothing was written on them. Show this detail to the person who helps you: { $detail }.
## Copies elsewhere.

error-no-such-destination = This destination does not exist, or no longer.
error-too-many-destinations = There are { $max } destinations already, as many as there can be. Remove one first.
error-destination-name = Give this destination a name of at most { $max } characters. For instance: Town hall.
error-destination-taken = Another destination has this name. Choose another.
error-destination-host = This is no server’s name. Write for instance: backup.townhall.example.
error-destination-url = The address must begin with https:// and hold neither login nor password. For instance: https://cloud.example.org/remote.php/dav/files/school/Preau.
error-destination-field = This field is empty, too long, or begins with a dash. Correct it.
error-destination-days = Choose at least one night a week.
error-destination-hour = The hour is from 0 to 23.
error-destination-keep = Keep at least one copy.
error-destination-speed = That is too slow: at least { $min } kilobits per second are needed.
error-school-hours = School ends after it begins, and at 24:00 at the latest. For example: from 7 to 19.
error-nothing-runs = Nothing is under way for this destination.
error-no-such-share = This space does not exist on the box, or cannot be reached for the moment.
error-not-confirmed = Restoring files to where they were replaces those that are there. Confirm that you want this.
error-strike-not-confirmed = “{ $what }” would disappear from every copy for ever: nothing was deleted. If you want this, tick the box that names it.
error-strike-name = This name has characters that the box cannot write: it cannot be deleted alone. Delete the folder that it is in.
