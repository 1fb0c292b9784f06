## Copies elsewhere: what was done, what comes, what is missing.

copies-headline-nowhere = Your files have no copy elsewhere yet: a fire or a theft would take everything.
copies-headline-problem = The last copy elsewhere did not succeed.
copies-headline-waiting = The copy elsewhere waits for something from you.
copies-headline-running = The copy elsewhere is being made.
copies-headline-good = The copy elsewhere is up to date.
copies-headline-new = The first copy elsewhere begins soon.
copies-headline-off = The copies elsewhere are suspended.

copies-status-last = Last copy to “{ $name }”, { $moment }: { $result }
copies-next = { $work }: { $moment }.
copies-next-soon = { $work }: in a moment.

copies-none-yet = No copy has been made there yet.
copies-last-good = Last good copy: { $moment }.
copies-off = The copies to this destination are suspended.

copies-wait-sheet = Print the recovery sheet first: without it nobody could open the copy again.
copies-wait-volume = The box’s files cannot be reached for the moment; the copy waits.
copies-wait-disk = Plug the disk in: the copy begins by itself.
copies-wait-clock = The box is not sure of the time; the copy waits until it finds it on the Internet.

copies-hold-vanished = Far more files than usual have vanished from “{ $share }”: { $files } of { $of }, seen on { $moment }. Nothing is removed from the copies until you have confirmed that this was meant.
copies-hold-clock = The box is not sure of the time: no old copy is removed for now.
copies-hold-not-proved = The last check failed: no old copy is removed for now.

copy-work-init = Preparing the destination
copy-next-back-up = Next copy
copy-work-back-up = Copy
copy-work-forget = Sorting old copies
copy-work-prune = Clearing up at the destination
copy-work-check = Checking the copy
copy-work-check-data = Reading a part of the copy
copy-work-drill = Checking by taking files back
copy-work-restore = Taking files back
copy-work-strike = Deleting from the copies

copy-doing-init = The destination is being prepared.
copy-doing-back-up = The copy is being made. The school can go on working.
copy-doing-forget = Old copies are being sorted.
copy-doing-prune = Room that is no longer needed is being given back.
copy-doing-check = The copy is being checked.
copy-doing-check-data = A part of the copy is being read.
copy-doing-drill = Some files are being taken back and compared.
copy-doing-restore = Your files are coming back.
copy-doing-strike = What you asked for is being deleted from the copies.

copies-percent = { $percent }%
copies-left = { $rest } left
copies-speed = { $speed } per second
copies-comparing = What came back is read again
copies-begins = It begins.

copies-run-goes-on = Under way.
copies-run-cut = The work stopped on the way, for instance because of a power cut. The box takes it up again by itself.
copies-run-done = Done.
copies-run-copied = { $files ->
    [one] { $files } file
   *[other] { $files } files
} safe, { $new ->
    [0] none of them
   *[other] { $new } of them
} new or changed; { $sent } sent.
copies-run-drilled = { $files ->
    [one] { $files } file taken back and compared: the same.
   *[other] { $files } files taken back and compared: the same.
}
copies-run-drilled-whole = { $files ->
    [one] The whole space brought back and compared, { $files } file: the same.
   *[other] The whole space brought back and compared, { $files } files: the same.
}
copies-run-checked = Everything is there; { $read } read.
copies-run-restored = { $files ->
    [one] { $files } file is back.
   *[other] { $files } files are back.
}
copies-run-restored-partly = { $files } files are back; for some of them the access rights could not be set again.
copies-run-forgotten = { $removed } old copies sorted out, { $kept } kept.
copies-run-pruned = { $freed } given back.
copies-run-struck = “{ $what }”: { $copies ->
    [0] no copy had it.
    [one] deleted from { $copies } copy.
   *[other] deleted from { $copies } copies.
}
copies-run-not-struck = This destination keeps everything that it got: nothing can be deleted there.

copies-restored-folder = Restored on { $moment }

## The pages of the copies elsewhere.

nav-copies = Copies elsewhere
copies-card-link = See the copies elsewhere
copies-title = Copies elsewhere
copies-why = Each night the box can send an encrypted copy of your files elsewhere: to the town hall, to another school, to a disk that is kept at home. Nobody there can read it. Each week the box checks that it can come back.
copies-add-button = Add a destination
copies-add-title = Add a destination
copies-change-title = Change a destination
copies-cancel-button = Stop
copies-accept-button = This was meant
copies-files-button = Find a file
copies-run-button = Copy now
copies-drill-button = Check now
copies-change-button = Change the settings
copies-runs = What was done
copies-remove = Remove this destination
copies-remove-means = Nothing more is copied there. What is there already stays.
copies-remove-button = Remove “{ $name }”
copies-back = Back to the copies elsewhere
copies-proved = Files were taken back and compared on { $moment }: the same.
copies-place-disk = USB disk { $disk }
copies-nights-good = These five weeks: { $count ->
    [0] no night with a copy
    [one] { $count } night with a copy
   *[other] { $count } nights with a copy
}
copies-nights-without = { $count } without.

copies-kind-question = Where should the copy go?
copies-kind-why = Choose a place that would not burn with the school.
copies-kind-sftp = A server of the town hall or of another school
copies-kind-sftp-what = A server that one logs in to with SFTP (SSH).
copies-kind-usb-disk = A USB disk
copies-kind-usb-disk-what = It is plugged in on Fridays and kept at home.
copies-kind-web-dav = Nextcloud, kDrive
copies-kind-web-dav-what = An online space that gives a WebDAV address.
copies-kind-s3 = An S3 provider
copies-kind-s3-what = A bucket at a provider, or a Garage of several schools.
copies-kind-rest = A restic server
copies-kind-rest-what = A restic REST server, for those who have one.

copies-name-field = Name of the destination
copies-name-hint = The one that mails will use. For instance: Town hall.
copies-host-field = Server
copies-host-hint = For instance: backup.townhall.example
copies-port-hint = Usually 22
copies-user-field = Login
copies-user-hint = The account that the destination gave you.
copies-folder-field = Folder
copies-folder-hint = Where the copy goes. It is made if it does not exist.
copies-login-field = Connection
copies-login-hint = The box’s key is safer than a password.
copies-login-key = With the box’s key
copies-login-password = With a password
copies-key-give = Give this line to the person who looks after the server: they add it to “authorized_keys”.
copies-key-unknown = The server shows this fingerprint for the first time.
copies-key-changed = The server shows another fingerprint than before.
copies-key-means = Nothing has been sent yet. Ask the person who looks after the server whether it is theirs. If so, confirm below; type the password again if there is one.
copies-confirm-button = This is the right fingerprint: save
copies-store-button = Try and save
copies-busy = The box tries the destination…
copies-secret-field = Password or secret key
copies-secret-hint = It stays in the box and is never shown again.
copies-secret-kept = It is stored. Leave this empty to keep it.
copies-secret-sftp = To be filled in only when the connection uses a password.
copies-url-field = Address
copies-url-hint = It begins with https:// and ends with the folder where the copy goes.
copies-bucket-field = Bucket
copies-bucket-hint = Its name at the provider’s. It must exist.
copies-region-field = Region
copies-region-hint = The provider’s; “auto” if there is none.
copies-access-field = Access key
copies-access-hint = The public half of the key. The secret half is typed further down.
copies-certificate-field = Certificate to accept
copies-certificate-hint = Only if the person who looks after the server gave you one.
copies-disk-field = Disk
copies-disk-hint = The copy goes into a folder “Préau”; the rest of the disk is not touched.
copies-disk-none = No USB disk is plugged in. Plug it in, then load this page again.
copies-disk = { $name }, { $size }
copies-when = When to copy
copies-hour-field = Hour
copies-hour-hint = From 0 to 23, by the box’s time. The copy begins within the hour.
copies-hour-wrong = The hour is a number from 0 to 23.
copies-days-field = Nights
copies-gentle = Send gently during school hours (set on the page “Disks”)
copies-suspend = Suspend the copies to this destination
day-monday = Monday
day-tuesday = Tuesday
day-wednesday = Wednesday
day-thursday = Thursday
day-friday = Friday
day-saturday = Saturday
day-sunday = Sunday

copies-files-title = Find a file
copies-day-field = Day
copies-day-hint = The files as they were on that day.
copies-day-button = Show this day
copies-day = { $moment } — { $share }
copies-search-field = Search by name
copies-search-hint = A part of the name is enough, for instance: carnival. All days are searched.
copies-search-button = Search
copies-crumbs = Folders
copies-empty = Nothing here.
copies-more = There are more. Write a longer part of the name.
copies-restore-link = Restore
copies-restore-folder-link = Restore this whole folder
copies-restore-all = Restore the whole space “{ $share }”
copies-restore-title = Restore “{ $name }”
copies-restore-from = As it was on { $moment }.
copies-beside-means = It is put into a new folder “Restored on…” of the space. Nothing is replaced.
copies-beside-button = Restore beside
copies-over = Put it back in its place
copies-over-means = Yes: if there is a file of the same name in that place today, it is replaced by that of the copy.
copies-over-button = Replace with the copy

## Deleting from every copy.

copies-strike = Delete it from every copy
copies-strike-what = “{ $what }”, with all that is in it if it is a folder, disappears from every copy, at every destination. Nothing of it can ever be taken back again.
copies-strike-file = The file “{ $what }” disappears from every copy, at every destination. It can never be taken back again.
copies-strike-folder = The folder “{ $what }” and all that is in it disappear from every copy, at every destination. Nothing of it can ever be taken back again.
copies-strike-also = This deletes from the copies alone. If it is still in the space “{ $share }”, delete it there first: the next copy would have it again. The previous versions keep it until the box removes them.
copies-strike-confirm = Yes, delete “{ $what }” for ever.
copies-strike-button = Delete from every copy
copies-strikes = To be deleted from the copies
copies-strike-by = “{ $what }”: deleted by { $day } at the latest, if the destination answers.
copies-strike-disk = “{ $what }”: will be deleted as soon as the disk is plugged in.
copies-strike-clock = “{ $what }”: will be deleted as soon as the box is sure of the time.
copies-strike-later = “{ $what }”: will be deleted as soon as copies go on.
copies-strike-off = “{ $what }”: stays there as long as copies to this destination are suspended.
copies-strike-never = “{ $what }”: cannot be deleted here. This destination keeps everything that it got; ask the person who looks after it.
copies-strikes-withdraw = No longer ask for it here
