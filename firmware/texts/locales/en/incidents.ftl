## Incidents in words. `-do-1`, `-do-2`… are what to do, in order; they end at the
## first one that is missing. `$Disk` opens a sentence, `$disk` goes on with it.

same-size = the same size

incident-array-failed-title = The files can no longer be reached
incident-array-failed-what =
    { $case ->
        [consent] The power went while something was being written, and a disk is missing. Since { $since }, the box waits for your agreement before it opens the space again.
       *[other] Since { $since }, the box cannot read the disks of the space.
    }
incident-array-failed-safe =
    { $case ->
        [consent] Very probably, except perhaps what was being written when the power went. Nothing was erased.
        [single] Nobody knows yet. Nothing was erased, but nothing protected these files: they were on this disk alone.
       *[other] Nobody knows yet. Nothing was erased: the disks are left exactly as they are.
    }
incident-array-failed-do-1 = Erase nothing and replace no disk for now.
incident-array-failed-do-2 = Switch the box off, push each disk firmly into its bay, then switch it on again.
incident-array-failed-do-3 =
    { $case ->
        [consent] If the missing disk does not come back, open http://preau.local: the page says what is at stake and asks for your agreement.
       *[other] If nothing changes within ten minutes, show this message to the person who helps you, with the technical detail.
    }
incident-array-failed-when = Today.
incident-array-failed-closed-title = The files can be reached again
incident-array-failed-closed-what = Since { $until }, the box reads the disks of the space again.
incident-array-failed-closed-safe = Yes, they are back.

incident-array-degraded-title =
    { $lost ->
        [1] A disk has failed — your files are intact
       *[other] Several disks have failed — your files are still intact
    }
incident-array-degraded-what =
    { $lost ->
        [1] { $Disk } has not answered since { $since }.
       *[other] Some disks do not answer any more: { $disk }, then { $also }. It began on { $since }.
    }
incident-array-degraded-safe =
    { $case ->
        [left] Yes, and the school can go on working. { $left ->
            [1] One more disk may still fail and nothing is lost.
           *[other] { $left } more disks may still fail and nothing is lost.
        }
        [alone] Yes. { $Survivor } keeps a complete copy and the school can go on working. But it is now alone: if it failed too, the files would be lost.
       *[other] Yes, and the school can go on working. But no other disk may fail: the files would be lost.
    }
incident-array-degraded-do-1 =
    { $spare ->
        [yes] Nothing needs doing right now: leave the box on, the copy onto the spare disk makes itself.
       *[no] { $lost ->
            [1] Buy a disk of at least { $size }, made for file servers (for instance a WD Red Plus or a Seagate IronWolf).
           *[other] Buy { $lost } disks of at least { $size }, made for file servers (for instance WD Red Plus or Seagate IronWolf).
        }
    }
incident-array-degraded-do-2 =
    { $spare ->
        [yes] { $lost ->
            [1] Buy a disk of at least { $size }, made for file servers: it will be the new spare.
           *[other] Buy { $lost } disks of at least { $size }, made for file servers: they will be the new spares.
        }
       *[no] Leave the box switched on and pull out { $disk } — label { $label }.
    }
incident-array-degraded-do-3 =
    { $spare ->
        [yes] Once a mail has told you that the copy is finished, take out { $disk } — label { $label } —, slide the new disk into its place and open http://preau.local.{ $lost ->
            [1] {""}
           *[other] {" "}Then do the same for { $alsoLabelled }.
        }
       *[no] { $lost ->
            [1] Slide the new disk into its place and open http://preau.local: the box guides you.
           *[other] Slide a new disk into its place and open http://preau.local: the box guides you. Then do the same for { $alsoLabelled }.
        }
    }
incident-array-degraded-when =
    { $spare ->
        [yes] Within a month.
       *[no] { $lost ->
            [1] Within 7 days.
           *[other] As soon as possible, within 2 days.
        }
    }
incident-array-degraded-closed-title = All is well again — your files are protected again
incident-array-degraded-closed-what = Since { $until }, the copy is complete: all disks hold again what they should.
incident-array-degraded-closed-safe =
    { $may_fail ->
        [2] Yes. Again, two disks may fail and nothing is lost.
       *[other] Yes. Again, one disk may fail and nothing is lost.
    }

incident-disk-missing-title = A disk is missing — your files are intact
incident-disk-missing-what = { $Disk } has not been there since { $since }.
incident-disk-missing-safe = Yes, as long as the other disks work: they keep all the files.
incident-disk-missing-do-1 = If somebody pulled out { $disk } — label { $label } —, push it firmly back into its bay.
incident-disk-missing-do-2 = If it is not recognised within a minute, replace it with a disk of at least { $size }.
incident-disk-missing-do-3 = Then open http://preau.local: the box guides you.
incident-disk-missing-when = Within 7 days.
incident-disk-missing-closed-title = The missing disk is back
incident-disk-missing-closed-what = { $Disk } is there again since { $until }.
incident-disk-missing-closed-safe = Yes.

incident-disk-failing-title =
    { $state ->
        [failed] A disk has failed — your files are still there
       *[soon] A disk must be replaced soon — your files are intact
    }
incident-disk-failing-what =
    { $state ->
        [failed] { $DiskLabelled } has been failing since { $since }. { $reason }
       *[soon] { $DiskLabelled } still works, but has shown since { $since } that it is going to fail. { $reason }
    }
incident-disk-failing-worse = { $DiskLabelled }, which was to be replaced soon, has failed since { $since }. { $reason }
incident-disk-failing-safe =
    { $others ->
        [yes] Yes. What this disk keeps is elsewhere in the box too, and the school can go on working. Replace it while everything works.
       *[no] For now, yes. But nothing else in the box keeps these files: if this disk fails, they are lost.
    }
incident-disk-failing-do-1 =
    { $others ->
        [yes] Buy a disk of at least { $size }, made for file servers (for example of the WD Red Plus or Seagate IronWolf range).
       *[no] Copy the important files elsewhere now, for example to a USB stick or a computer.
    }
incident-disk-failing-do-2 =
    { $others ->
        [yes] Once you have it, leave the box switched on and pull out { $disk } — label { $label }.
       *[no] Buy a disk of at least { $size }, made for file servers. Do not pull out { $disk } yet — label { $label }.
    }
incident-disk-failing-do-3 =
    { $others ->
        [yes] Slide the new disk into its place and open http://preau.local: the box guides you.
       *[no] Open http://preau.local: the box guides you.
    }
incident-disk-failing-when =
    { $others ->
        [yes] { $state ->
            [failed] Within 3 days.
           *[soon] Within 14 days.
        }
       *[no] Today.
    }
incident-disk-failing-closed-title = A disk is in good health again
incident-disk-failing-closed-what = { $DiskLabelled } has shown no sign of failing since { $until }.
incident-disk-failing-closed-safe = Yes. The box goes on watching this disk.

incident-disk-silent-title = A disk no longer answers — your files are still there
incident-disk-silent-what = { $DiskLabelled } is plugged in, but has not answered since { $since }.
incident-disk-silent-safe =
    { $others ->
        [yes] Yes. What this disk keeps is elsewhere in the box too.
       *[no] Nobody knows for now: nothing else in the box keeps these files.
    }
incident-disk-silent-do-1 = Ask the others to close their files, then switch the box off with its button.
incident-disk-silent-do-2 = Push { $disk } — label { $label } — firmly into its bay, then switch it on again.
incident-disk-silent-do-3 = If this message comes back, replace that disk with one of at least { $size } and open http://preau.local: the box guides you.
incident-disk-silent-when =
    { $others ->
        [yes] Within 7 days.
       *[no] Today.
    }
incident-disk-silent-closed-title = The disk answers again
incident-disk-silent-closed-what = { $DiskLabelled } has been answering again since { $until }.
incident-disk-silent-closed-safe = Yes.

incident-disk-hot-title =
    { $disks ->
        [one] A disk is too hot — your files are intact
       *[other] The disks are too hot — your files are intact
    }
incident-disk-hot-what =
    { $disks ->
        [one] { $DiskLabelled } has been too hot since { $since }. { $reason }
       *[other] { $disks } disks have been too hot since { $since }. The hottest is { $diskLabelled }. { $reason }
    }
incident-disk-hot-safe = Yes. But a disk that stays hot ages faster.
incident-disk-hot-do-1 = See that the box's fan turns and that nothing blocks its openings.
incident-disk-hot-do-2 = Move the box away from a radiator or the sun, or out of the cupboard.
incident-disk-hot-do-3 = If it has not cooled down by tomorrow, switch the box off and show this message to the person who helps you.
incident-disk-hot-when = Today.
incident-disk-hot-closed-title = The disks have cooled down
incident-disk-hot-closed-what = Since { $until }, no disk has been too hot.
incident-disk-hot-closed-safe = Yes.

incident-array-rebuilding-title = The copy is being rebuilt — your files are intact
incident-array-rebuilding-what =
    { $lost ->
        [1] Since { $since }, the box has been copying all the files to { $disk }.
       *[other] Since { $since }, the box has been copying the files to several disks: { $disk }, { $also }.
    }
incident-array-rebuilding-safe =
    { $case ->
        [alone] Yes. { $Survivor } keeps everything meanwhile, and the school can go on working. The copy takes some hours.
       *[other] Yes. The other disks keep everything meanwhile, and the school can go on working. The copy takes some hours.
    }
incident-array-rebuilding-do-1 = Leave the box switched on and pull out no disk.
incident-array-rebuilding-do-2 = A last mail will tell you when the copy is complete. Until then, http://preau.local shows how far it has got.
incident-array-rebuilding-closed-title = The copy is finished
incident-array-rebuilding-closed-what = The copy stopped on { $until }.
incident-array-rebuilding-closed-safe = Yes.

incident-volume-offline-title = The space can no longer be used
incident-volume-offline-what = Since { $since }, the box cannot write to the space. So that nothing is damaged, it has closed the share.
incident-volume-offline-safe = What was saved is left as it is on the disks, and nothing is erased. What was being saved at that moment may be lost.
incident-volume-offline-do-1 = Keep the files that are open on your computers.
incident-volume-offline-do-2 = Switch the box off, wait a minute, switch it on again.
incident-volume-offline-do-3 = If this message comes back, show it to the person who helps you, with the technical detail.
incident-volume-offline-when = Today.
incident-volume-offline-closed-title = The space can be used again
incident-volume-offline-closed-what = Since { $until }, the box writes to the space again.
incident-volume-offline-closed-safe = Yes. Only check the last file that you were saving.

incident-volume-full-title = The space is nearly full — soon nothing more can be saved
incident-volume-full-what = Since { $since }, more than 95 % of the space is used. { $free } are left.
incident-volume-full-safe = Yes, what is saved is safe. But soon new files will be refused.
incident-volume-full-do-1 = Tell your colleagues: better copy nothing large today.
incident-volume-full-do-2 = Delete what is no longer needed: old videos, duplicates, installation files.
incident-volume-full-do-3 = If there is nothing to delete, larger disks are needed.
incident-volume-full-when = Today or tomorrow.
incident-volume-full-closed-title = There is a little room again
incident-volume-full-closed-what = Since { $until }, files can be saved again without being refused.
incident-volume-full-closed-safe = Yes.

incident-volume-filling-title = The space is filling up — your files are intact
incident-volume-filling-what = Since { $since }, more than 85 % of the space is used. { $free } are left.
incident-volume-filling-safe = Yes. There is no hurry, but once the space is full, nothing more can be saved.
incident-volume-filling-do-1 = Delete what is no longer needed: old videos, duplicates, installation files.
incident-volume-filling-do-2 = If there is nothing to delete, plan for larger disks.
incident-volume-filling-when = This month.
incident-volume-filling-closed-title = There is room again
incident-volume-filling-closed-what = Since { $until }, the space has enough room again.
incident-volume-filling-closed-safe = Yes.

incident-disk-flapping-title = A disk keeps coming unplugged — your files are intact
incident-disk-flapping-what = { $Disk } has disappeared three times within an hour. Since { $since }, the box leaves it aside to spare the others.
incident-disk-flapping-safe = Yes, the other disks keep everything. But as long as { $disk } is left aside, your files are less protected.
incident-disk-flapping-do-1 = Push { $disk } firmly into its bay — label { $label }. If it hangs on a cable, change that cable.
incident-disk-flapping-do-2 = Open http://preau.local and choose “Take this disk back”.
incident-disk-flapping-do-3 = If it disappears again, replace it with a disk of at least { $size }.
incident-disk-flapping-when = Within 7 days.
incident-disk-flapping-closed-title = The disk that was left aside is taken back
incident-disk-flapping-closed-what = Since { $until }, { $disk } is no longer left aside.
incident-disk-flapping-closed-safe = Yes.

incident-disk-diverged-title = A disk came back with other files — nothing was erased
incident-disk-diverged-what = { $Disk } came back on { $since }, but it was used elsewhere, without the other disks. The box has not taken it back.
incident-disk-diverged-safe = Yes, the files that the school uses are intact. But what was saved elsewhere on { $disk } may exist only there.
incident-disk-diverged-do-1 = If { $disk } — label { $label } — may have received files elsewhere, pull it out and have them copied first.
incident-disk-diverged-do-2 = If not, open http://preau.local and choose to erase it: it will take its place again.
incident-disk-diverged-do-3 = You may also put a new disk of at least { $size } in its place.
incident-disk-diverged-when = Within 7 days.
incident-disk-diverged-closed-title = The disk that came back with other files is settled
incident-disk-diverged-closed-what = Since { $until }, { $disk } is no longer left aside.
incident-disk-diverged-closed-safe = Yes.
incident-offsite-stale-title = No copy elsewhere for three nights — your files are intact
incident-offsite-stale-what = No copy to “{ $destination }” has succeeded since { $last_copy }. { $failure }
incident-offsite-stale-safe = Yes, they are intact on the box. But after a fire or a theft, everything done since { $last_copy } would be lost.
incident-offsite-stale-do-1 = Open http://preau.local, page “Copies elsewhere”: the box says there what stands in the way.
incident-offsite-stale-do-2 = Put it right, then choose “Copy now”.
incident-offsite-stale-do-3 = If you do not succeed, show this message to the person who looks after “{ $destination }”, with the technical detail.
incident-offsite-stale-when = This week.
incident-offsite-stale-closed-title = The copy elsewhere is up to date again
incident-offsite-stale-closed-what = A copy to “{ $destination }” succeeded on { $until }.
incident-offsite-stale-closed-safe = Yes. They are on the box, and safe elsewhere.

incident-offsite-failed-title = The copy elsewhere could not be made — your files are intact
incident-offsite-failed-what = Tonight’s copy to “{ $destination }” did not succeed, even after another try. { $failure }
incident-offsite-failed-safe = Yes, they are intact on the box. Last good copy elsewhere: { $last_good }.
incident-offsite-failed-do-1 = Open http://preau.local, page “Copies elsewhere”: the box says there what stands in the way.
incident-offsite-failed-do-2 = Put it right, then choose “Copy now”. If nothing is done, the box tries again next night.
incident-offsite-failed-when = Within 3 days.
incident-offsite-failed-closed-title = The copy elsewhere succeeds again
incident-offsite-failed-closed-what = Since { $until }, the copy to “{ $destination }” succeeds again.
incident-offsite-failed-closed-safe = Yes. They are on the box, and safe elsewhere.

incident-strike-late-title = Something that was to be deleted is still there — your files are intact
incident-strike-late-what = More than a week ago somebody asked for a file or a folder to be deleted from every copy. At “{ $destination }” it is still there. { $failure }
incident-strike-late-safe = Yes. Nothing else is touched. But what was to disappear can still be taken back from there.
incident-strike-late-do-1 = Open http://preau.local, page “Copies elsewhere”: under “To be deleted from the copies” the box says what it is and what stands in the way.
incident-strike-late-do-2 = If it is a USB disk, plug it in. Otherwise tell the person who looks after “{ $destination }”.
incident-strike-late-do-3 = If somebody waits for it to be deleted, tell them that it is late.
incident-strike-late-when = This week.
incident-strike-late-closed-title = Nothing waits to be deleted from the copies any more
incident-strike-late-closed-what = Since { $until }, nothing is left at “{ $destination }” of what should have been deleted there more than a week ago, or nobody asks for it any more.
incident-strike-late-closed-safe = Yes.

incident-restore-drill-failed-title = The copy elsewhere cannot be read back — your files are intact
incident-restore-drill-failed-what = Each week the box takes some files back from the copy elsewhere and compares them. With “{ $destination }”, on { $since }, that did not work. { $failure }
incident-restore-drill-failed-safe = Yes, they are intact on the box. But do not count on this copy until it is mended. The box no longer removes anything there.
incident-restore-drill-failed-do-1 = Open http://preau.local, page “Copies elsewhere”, and choose “Check now”.
incident-restore-drill-failed-do-2 = If it fails again, add another destination: a new copy is made there the same night.
incident-restore-drill-failed-do-3 = Tell the person who looks after “{ $destination }”: their disk may be damaged.
incident-restore-drill-failed-when = This week.
incident-restore-drill-failed-closed-title = The copy elsewhere can be read back again
incident-restore-drill-failed-closed-what = Files from “{ $destination }” were taken back and compared on { $until }: they are the same.
incident-restore-drill-failed-closed-safe = Yes. They are on the box, and safe elsewhere.

incident-mail-undeliverable-title = The box's mails do not arrive
incident-mail-undeliverable-what = Since { $since }, the box has not been able to send its mails. { $mail }
incident-mail-undeliverable-safe = Yes, this does not concern your files. But if a disk failed, nobody would be told.
incident-mail-undeliverable-do-1 = Check the mail settings on http://preau.local.
incident-mail-undeliverable-do-2 = Send a test mail and type its code back.
incident-mail-undeliverable-when = This week.
incident-mail-undeliverable-closed-title = The box's mails leave again
incident-mail-undeliverable-closed-what = Since { $until }, mails leave again.
incident-mail-undeliverable-closed-safe = Yes.

incident-settings-unreadable-title = Some settings were damaged — your files are intact
incident-settings-unreadable-what = The settings file was damaged on { $since }. The box went back to the settings before.
incident-settings-unreadable-safe = Yes. The disks were not touched. Only the last change of the settings may be lost.
incident-settings-unreadable-do-1 = Open http://preau.local and check the accounts and the mails.
incident-settings-unreadable-do-2 = Make the last change again if it is missing, then confirm that you have checked.
incident-settings-unreadable-do-3 = If this comes back, the box's card probably needs replacing.
incident-settings-unreadable-when = This week.
incident-settings-unreadable-closed-title = The settings were checked
incident-settings-unreadable-closed-what = The settings are stored again since { $until }.
incident-settings-unreadable-closed-safe = Yes.

incident-key-not-proved-title = The recovery sheet has not been checked — your files are intact
incident-key-not-proved-what = The recovery sheet was made more than thirty days ago, and nobody has copied its words yet. The box does not know whether anybody has it on paper.
incident-key-not-proved-safe = Yes. But if the box’s card failed, only this sheet would open the settings and the accounts again.
incident-key-not-proved-do-1 = Find the printed sheet. If it is lost, print it again: open http://preau.local, then “Recovery sheet” at the bottom of the page.
incident-key-not-proved-do-2 = Copy on that page the four words that the box asks for.
incident-key-not-proved-do-3 = Keep the sheet away from the box, for example in the town hall’s safe.
incident-key-not-proved-when = This month.
incident-key-not-proved-closed-title = The recovery sheet is checked
incident-key-not-proved-closed-what = Since { $until } the box knows that somebody has the recovery sheet.
incident-key-not-proved-closed-safe = Yes.

files-without-names = the box could not find their names

incident-scrub-errors-title = Some files are damaged
incident-scrub-errors-what = While reading all the disks again, the box found files of which no copy is whole any more. Files concerned: { $files }.
incident-scrub-errors-safe = All other files are intact. These can no longer be read whole.
incident-scrub-errors-do-1 = Find these files on the computer that they come from or in a backup, and replace them in the share.
incident-scrub-errors-do-2 = Open http://preau.local and start another reading: it will say whether all is repaired.
incident-scrub-errors-do-3 = If this comes back, show this message to the person who helps you, with the technical detail.
incident-scrub-errors-when = This week.
incident-scrub-errors-closed-title = No file is damaged any more
incident-scrub-errors-closed-what = Since { $until }, a complete reading has found no damaged file.
incident-scrub-errors-closed-safe = Yes.

incident-scrub-repaired-title = Damaged data was repaired — your files are intact
incident-scrub-repaired-what = While reading all the disks again, the box found damaged data on { $disk }. It wrote it again from an intact copy.
incident-scrub-repaired-safe = Yes. No file is lost or changed.
incident-scrub-repaired-do-1 = There is nothing to do. If this message comes back for the same disk, plan to replace it.
incident-scrub-repaired-closed-title = An older repair
incident-scrub-repaired-closed-what = Since { $until }, there is nothing more to say about { $disk }.
incident-scrub-repaired-closed-safe = Yes.

## The sentence at the top of the first page.

headline-set-up = The box is not ready yet: finish setting it up.
headline-creating = The space is being made.
headline-copying = Everything works. The protection of your files is being set up.
headline-changing = Everything works. A disk is being added or replaced.
headline-all-well = All is well.
headline-offline = The files cannot be reached at the moment.
headline-opening = Your files are intact. The share is about to open.
headline-settings-lost = The box's settings cannot be read. Your files were not touched.
headline-array-failed = The files can no longer be reached.
headline-array-degraded = A disk must be replaced. Your files are intact.
headline-several-lost = Several disks must be replaced. Your files are still intact.
headline-disk-missing = A disk is missing. Your files are intact.
headline-disk-failing = A disk must be replaced. Your files are intact.
headline-disk-silent = A disk no longer answers. Your files are still there.
headline-disk-hot = It is too hot inside the box. Your files are intact.
headline-scrub-errors = Some files are damaged. The others are intact.
headline-scrub-repaired = Damaged data was repaired. Your files are intact.
headline-array-rebuilding = The copy is being rebuilt. Your files are intact.
headline-volume-offline = The space can no longer be used. The box has closed the share.
headline-volume-full = The space is nearly full. Soon nothing more can be saved.
headline-volume-filling = The space is filling up. Your files are intact.
headline-disk-flapping = A disk is left aside. Your files are intact.
headline-disk-diverged = A disk is left aside. Your files are intact.
headline-offsite-stale = No copy elsewhere for three nights. Your files are intact.
headline-restore-drill-failed = The copy elsewhere cannot be read back. Your files are intact.
headline-offsite-failed = The copy elsewhere could not be made. Your files are intact.
headline-strike-late = Something that was to be deleted is still there. Your files are intact.
headline-mail-undeliverable = The box's mails do not arrive. Your files are intact.
headline-settings-unreadable = Some settings need checking. Your files are intact.
headline-key-not-proved = The recovery sheet needs checking. Your files are intact.

## Why a mail did not leave, and what to do.

mail-failure-name-not-found = The mail server is not found. Check its name, for example: smtp.example.org.
mail-failure-unreachable = The mail server does not answer. Check its name, its port and the connection to the Internet.
mail-failure-certificate-wrong = The mail server's certificate is not valid for this name. Write the exact name that your provider gives, or add your institution's certificate authority.
mail-failure-no-encryption = The mail server offers no encrypted connection this way. Try “TLS” with port 465, or “STARTTLS” with port 587.
mail-failure-login-refused = The mail server refuses the login or the password. Type them again; some providers ask for an application password.
mail-failure-recipient-refused = The mail server refuses the recipient. Check the address.
mail-failure-sender-refused = The mail server refuses the sender's address. Use the one of the account.
mail-failure-try-later = The mail server asks to try later. The box tries again by itself.
mail-failure-refused = The mail server refuses the message. Its answer is in the technical detail.

## Why making the space does not go on.

volume-problem = The box cannot do it for now and tries again by itself. Technical detail: { $detail }.
volume-problem-not-as-confirmed = A disk is no longer as it was confirmed. Nothing on it was erased. Choose the disks again.
volume-problem-unclean = The power went while something was being written, and a disk is missing. The box waits for your agreement before it opens the space again.
volume-problem-disk-gone = One of the chosen disks is no longer there. Push it firmly into its bay, or choose the disks again.

## Why a copy elsewhere could not be made, and what to do.

copy-failure-name-not-found = The server’s name is not found. Check it, for instance backup.townhall.example, and the connection to the Internet.
copy-failure-port-closed = The server is there, but nothing answers on this port. Check the port: 22 for SFTP, 443 for an https address.
copy-failure-no-answer = The server does not answer. Check its address and the connection to the Internet; it may be switched off.
copy-failure-certificate-refused = The server’s certificate is not valid for this address. Write the exact address, or add the certificate that its keeper gives you.
copy-failure-host-key-unknown = The server shows its fingerprint. Ask the person who looks after it whether it is theirs, then confirm it.
copy-failure-host-key-changed = The server no longer shows the same fingerprint. Nothing was sent. Ask the person who looks after it whether it was replaced, then confirm the new fingerprint.
copy-failure-login-refused = The server refuses the login, the password or the key. Type them again, or give the box’s key once more to the person who looks after the server.
copy-failure-bucket-missing = This storage space (bucket) does not exist, or is not this account’s to use. Check its name, or make it at the provider’s.
copy-failure-folder-missing = The folder does not exist there. Check its name; if it is a disk, plug it in.
copy-failure-no-space = There is no room left at the destination. Ask for more, or keep fewer copies.
copy-failure-write-refused = This account may read and not write. Ask for the right to write into this folder.
copy-failure-delete-refused = This account may write and not delete. Ask for that right: without it, room would never be given back.
copy-failure-no-repository = There is no copy at this place. It may have been moved or erased.
copy-failure-repository-exists = There is a copy at this place already.
copy-failure-wrong-key = The copy at this place does not open with this box’s recovery sheet: it belongs to another. Choose another folder.
copy-failure-damaged = Pieces of the copy are missing or damaged at the destination.
copy-failure-locked = Another program works on this copy right now. The box tries again by itself.
copy-failure-cut = The connection was cut on the way. The box tries again by itself and goes on where it was.
copy-failure-server-error = The server answers with an error. The box tries again by itself; if it lasts, tell the person who looks after the server.
copy-failure-source-unreadable = The box could not read the files to copy. Look at the state of the disks on the first page.
copy-failure-target-unwritable = The restored files could not be written: the space cannot be reached or refuses to be written to.
copy-failure-target-full = The box’s space is full: there is not enough room to restore these files.
copy-failure-target-not-empty = The folder to restore these files to is not empty. Begin again: a new folder will be chosen.
copy-failure-snapshot-missing = This version no longer exists at the destination. Choose another.
copy-failure-path-missing = This file or folder is not in this version. Choose another day.
copy-failure-drill-mismatch = The files that were taken back are not the same as those that were copied.
copy-failure-clock-not-trusted = The box is not sure of the time: nothing is removed until it is.
copy-failure-cancelled = Somebody stopped it.
copy-failure-bad-job = A setting of this destination does not fit. Check the address.
copy-failure-internal = The box ran into a fault of its own. It tries again by itself; the technical detail will help to mend it.

the-beginning = it was set up
none-yet = none yet

## What protects the files, and what a disk more brings.

protection-single = Nothing protects these files: if the disk fails, they are lost.
protection-now =
    { $left ->
        [0] No other disk may fail: the files would be lost.
        [one] One disk may fail and nothing is lost.
        [2] Two disks may fail and nothing is lost.
       *[other] { $left } disks may fail and nothing is lost.
    }
protection-single-title = Nothing protects these files
protection-title =
    { $left ->
        [1] One disk may fail and nothing is lost
        [2] Two disks may fail and nothing is lost
       *[other] { $left } disks may fail and nothing is lost
    }
protection-how =
    { $layout ->
        [single] All files are on one disk. If it fails they are lost, and only the copy kept elsewhere is left, if you have one.
        [mirror] Each disk keeps a complete copy of all files.
        [parity] The disks share the files, with enough to find again what was on one of them.
        [double_parity] { $spares ->
            [0] The disks share the files, with enough to find again what was on two of them.
           *[other] The disks share the files, with enough to find again what was on two of them. A spare disk takes the place of the first that fails by itself.
        }
       *[pairs] The disks go in twos; each keeps the copy of the other. The copy is made again sooner when a disk is replaced.
    }
growth-spare = Keep a spare disk: it takes the place of the first that fails by itself.
growth-safer =
    { $left ->
        [1] Protect better: one disk may then fail and nothing is lost. { $usable } usable, as before.
        [2] Protect better: two disks may then fail and nothing is lost. { $usable } usable, as before.
       *[other] Protect better: { $left } disks may then fail and nothing is lost. { $usable } usable, as before.
    }
growth-larger =
    { $left ->
        [1] Have more room: { $usable } usable. One disk may fail and nothing is lost, as before.
       *[other] Have more room: { $usable } usable. { $left } disks may fail and nothing is lost, as before.
    }
member-in-use = In use
member-filling = Being filled
member-spare = Spare
member-leaving = Being copied, then it can be pulled out
member-failed = Has failed
member-joining = About to join the others
member-missing = Not there
member-waiting = Is there
