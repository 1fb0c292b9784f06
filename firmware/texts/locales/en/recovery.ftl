## A new box, from a copy elsewhere and the recovery sheet.

# The name of a place that the box which is gone did not know.
recovery-place-name = Copy that everything came back from

copies-wait-recovery = The files come back from the copy elsewhere first; the nightly copies go on after that.

error-copy-without-settings = There is a copy at this place, but without the settings of a box: no box can be made from it. Make an account here as on a new box; the person who helps you can take the files back with restic (restic restore latest --path /commun).
error-copy-newer = This copy is from a newer box. Nothing was changed in it. Update this box first.
error-copy-settings-damaged = The sheet is the right one, but the settings kept in this copy are damaged. Nothing was changed in it. Try another copy if you have one, and show this detail to the person who helps you: { $detail }.
error-sheet-of-other-copy = This sheet does not open the copy at this place. Look for the paper with the old box’s name on it, or check the folder.
error-key-of-sheet-refused = The server does not know the key that this sheet gives. Compare the account, the folder and the words with what the old box used, or choose the password.
error-disks-too-small = The files of the copy do not fit on these disks: at least { $size } are needed. Choose other disks, or another protection.
error-nothing-found = The box no longer has the copy before its eyes. Say once more where it is.

recovery-files =
    { $count ->
        [one] { $count } file
       *[other] { $count } files
    }

## The pages of the set-up

recovery-offer-early = The box burned or was stolen?
recovery-offer = We have a copy elsewhere and our recovery sheet
recovery-offer-why = With the copy elsewhere and the recovery sheet, this box gets the settings, accounts and files of the old one.
recovery-kind-question = Where is the copy?
recovery-kind-why = The box is going to read this copy. It changes nothing in it.
recovery-kind-sftp = On a server of the town hall or another school
recovery-kind-usb-disk = On a USB disk
recovery-kind-usb-disk-what = Plug it in now.
recovery-kind-web-dav = On Nextcloud, kDrive
recovery-kind-s3 = At an S3 provider
recovery-kind-rest = On a restic server
recovery-title = Get the old box back
recovery-why = Say where the copy is, and copy the recovery sheet. The box shows you what it finds there before it does anything.
recovery-where = Where the copy is
recovery-sheet = The recovery sheet
recovery-folder-hint = The one where the old box put its copies.
recovery-login-hint = The old box’s key is made again from the sheet: if it used one, choose it.
recovery-login-key = With the old box’s key
recovery-secret-hint = The one that the old box used. The person who looks after this place can give another.
recovery-look-button = See what is in the copy
recovery-look-busy = Reading the copy… This may take two minutes.
recovery-other-place = The copy is elsewhere
recovery-found-title = This is what the copy holds
recovery-found-name = The old box
recovery-found-unnamed = A box without a name
recovery-found-settings = Settings copied { $moment }
recovery-found-people =
    { $count ->
        [one] One account: { $names }
       *[other] { $count } accounts: { $names }
    }
recovery-found-share = Share “{ $share }”: { $counted }, { $size }
recovery-found-share-unknown = Share “{ $share }”
recovery-found-share-at = As they were in the copy made { $moment }
recovery-found-no-share = No file had arrived in this copy yet. The settings and accounts are there.
recovery-found-destinations = Copies elsewhere to: { $names }
recovery-found-old = The old box still exists? Do not switch it on again: two boxes must not write into the same copy.
recovery-found-button = This is the one: choose the disks
recovery-disks-title = On which disks should these files go?
recovery-disks-why = The disks that you choose are erased, then the files of the copy come back onto them. At least { $size } of room is needed.
recovery-disks-why-plain = The disks that you choose are erased, then the files of the copy come back onto them.
recovery-confirm-button = Erase these disks and bring the files back
recovery-decided-title = The box takes the place of the old one
recovery-decided-lead = The settings, accounts and passwords of the old box are taken over. The disks are made ready, then the files come back by themselves.
recovery-decided-login = Log in within a minute with your old login and your old password: the page says how far the files are.
recovery-decided-power = You may close this page. A power cut is no trouble: the box goes on where it was.
recovery-decided-sheet = The same recovery sheet stays valid: put it back in its place.

## While the files come back

coming-title = The return of the files
coming-running = The files are coming back from “{ $from }”.
coming-trying = “{ $from }” does not answer as it should. The box will try again by itself.
coming-stopped = The return of the files from “{ $from }” has come to a stop.
coming-wait-disk = Plug in the disk “{ $from }”: the files come back by themselves.
coming-wait-volume = The disks are being made ready. Then the files come back from “{ $from }”.
coming-share-back = The share “{ $share }” is back.
coming-share = The share “{ $share }”: { $counted }, { $size }.
coming-share-unknown = The share “{ $share }”.
coming-meanwhile = Leave the box on and connected to the network. The share opens when everything is back, and the nightly copies go on.
coming-again = Try again
coming-leave = Open the share with what is back
coming-leave-why = What is missing stays in the copy: you can take it back later on the page “Copies elsewhere”.
coming-leave-agree = I have understood that files are missing on this box

## Messages

incident-files-coming-title = Your files are coming back from the copy elsewhere
incident-files-coming-what = This box has taken the place of the old one. { $counted } ({ $bytes }) are coming back from “{ $destination }”. The copy was made { $copied }.
incident-files-coming-safe = Yes. The copy stays whole: the box reads it and changes nothing in it.
incident-files-coming-do-1 = Leave the box on and connected to the network. A power cut is no trouble: it goes on where it was.
incident-files-coming-do-2 = The share opens when everything is back. The page http://preau.local says how long that still takes.
incident-files-coming-closed-title = The return of the files is over
incident-files-coming-closed-what = Since { $until }, nothing is left to come back from “{ $destination }”.
incident-files-coming-closed-safe = Yes.

incident-files-stopped-title = Files do not come back from the copy elsewhere
incident-files-stopped-what = The return of the files from “{ $destination }” has come to a stop. { $failure }
incident-files-stopped-safe = What has come back is on the box. The rest is only in the copy elsewhere: do not delete it.
incident-files-stopped-do-1 = Open http://preau.local: the page says what stands in the way and which share is still missing.
incident-files-stopped-do-2 = Put it right, then choose “Try again”.
incident-files-stopped-do-3 = If you do not succeed, show this message to the person who looks after “{ $destination }”, with the technical detail.
incident-files-stopped-when = This week.
incident-files-stopped-closed-title = The return of the files goes on
incident-files-stopped-closed-what = Since { $until }, the return of the files from “{ $destination }” is no longer stopped.
incident-files-stopped-closed-safe = Yes. What is not back yet is in the copy elsewhere.

incident-files-back-title =
    { $whole ->
        [yes] All your files are back
       *[no] Your files are back, except for a part
    }
incident-files-back-what =
    { $whole ->
        [yes] { $counted } ({ $bytes }) came back from “{ $destination }”, as they were in the copy made { $copied }. The share is open, and the nightly copies go on.
       *[no] { $counted } ({ $bytes }) came back from “{ $destination }”, as they were in the copy made { $copied }. Not everything is there: { $missing }. The share is open, and the nightly copies go on.
    }
incident-files-back-safe =
    { $whole ->
        [yes] Yes. They are on the box, and still safe elsewhere.
       *[no] Those that came back are. What is missing is still in the copy elsewhere.
    }
incident-files-back-do-1 =
    { $whole ->
        [yes] Open the share and check some folders. What was done after this copy has to be done again.
       *[no] Open the share and see what is missing. On the page “Copies elsewhere” you can look for it and take it back.
    }
incident-files-back-closed-title = The return of the files is some time ago
incident-files-back-closed-what = Since { $until }, there is nothing more to say about the return of the files.
incident-files-back-closed-safe = Yes.

files-back-missing-shares = the share { $shares } did not come back whole
files-back-missing-some = { $incomplete } files or access rights could not be written

headline-files-coming = Your files are coming back from the copy elsewhere.
headline-files-stopped = Files do not come back from the copy elsewhere. It still has them.
headline-files-back = Your files are back from the copy elsewhere.
