//! Whatever the kernel or a program says, every parser keeps its word (`targets`), and
//! what is printed as they print it is read back as it was meant. Texts are random bytes, and recorded
//! texts with bytes changed, cut out and doubled, from seeds that are the same on
//! every run: a failure names its seed.

use crate::board::Board;
use crate::kmsg::{Named, notice_in, parse_record};
use crate::md::{parse_bad_blocks, parse_sync_action, parse_sync_completed};
use crate::targets::TARGETS;
use preau_domain::health::Noticed;

const SEEDS: u64 = 3_000;

/// Repeatable noise (xorshift64*).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = self.below(200);
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// A text with a few things wrong with it.
    fn damage(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=self.below(6) {
            let at = self.below(bytes.len());
            let end = (at + self.below(40)).min(bytes.len());
            match self.below(5) {
                0 if at < bytes.len() => bytes[at] = self.next() as u8,
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                3 => bytes.truncate(at),
                _ => {
                    let digits = b"0123456789999999999999999999999"[..self.below(30)].to_vec();
                    bytes.splice(at..at, digits);
                }
            }
        }
        bytes
    }
}

/// Every parser of something that was not written by this program.
fn read_all(text: &str) {
    // Writing folders for thousands of seeds takes longer than it is worth: the fuzzer
    // does that one.
    for target in TARGETS.iter().filter(|target| target.name != "sysfs") {
        (target.read)(text.as_bytes());
    }
    let _ = parse_bad_blocks(text);
    let _ = parse_sync_completed(text);
    let _ = parse_sync_action(text);
    let _ = Board::parse(text);
}

#[test]
fn every_parser_keeps_its_word_whatever_the_text() {
    let recorded = [
        include_str!("../fixtures/kmsg/formats.txt"),
        include_str!("../fixtures/kmsg/recorded.txt"),
        include_str!("../fixtures/rebuilding/lsblk.json"),
        include_str!("../fixtures/rebuilding/proc/self/mountinfo"),
        "   Array State : .A ('A' == active, '.' == missing, 'R' == replacing)\n",
        "MD_LEVEL=raid1\nMD_UUID=00112233:44556677:8899aabb:ccddeeff\n",
        "2048 8\n409600 16\n",
        "350735.47 234388.90\n",
        include_str!("../../../board/qemu/aarch64/board.toml"),
    ];
    for seed in 1..=SEEDS {
        let mut noise = Noise(seed);
        let bytes = match noise.below(4) {
            0 => noise.bytes(),
            _ => {
                let text = recorded[noise.below(recorded.len())];
                noise.damage(text)
            }
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let read = std::panic::catch_unwind(|| read_all(&text));
        assert!(read.is_ok(), "seed {seed} breaks a parser's word: {text:?}");
    }
}

#[test]
fn what_the_kernel_prints_of_a_failed_request_is_read_back() {
    let kinds = [
        ("I/O", Some(Noticed::Failed)),
        ("critical medium", Some(Noticed::Medium)),
        ("timeout", Some(Noticed::TimedOut)),
        ("critical space allocation", None),
    ];
    for seed in 1..=SEEDS {
        let mut noise = Noise(seed);
        let (kind, noticed) = kinds[noise.below(kinds.len())];
        let name = ["sda", "sdaa", "nvme0n1", "vdb", "mmcblk0"][noise.below(5)];
        let (sector, micros) = (noise.next() >> 9, noise.next() >> 20);
        let level = noise.below(8);
        // block/blk-mq.c, blk_print_req_error()
        let record = format!(
            "{level},{},{micros},-;{kind} error, dev {name}, sector {sector} op 0x0:(READ) \
             flags 0x0 phys_seg 1 prio class 2\n SUBSYSTEM=block\n",
            noise.next() >> 30,
        );
        let read = parse_record(&record).unwrap();
        assert_eq!(read.since_start.as_micros(), i128::from(micros), "{seed}");
        let expected = noticed.map(|noticed| (Named::Block(name), noticed));
        assert_eq!(notice_in(read.message), expected, "seed {seed}: {record}");
    }
}

#[test]
fn what_md_prints_of_bad_places_and_progress_is_read_back() {
    for seed in 1..=SEEDS {
        let mut noise = Noise(seed);
        let lengths: Vec<u64> = (0..noise.below(40)).map(|_| noise.next() % 512).collect();
        let mut first = 0;
        let mut text = String::new();
        for length in &lengths {
            first += noise.next() % 1_000_000;
            text.push_str(&format!("{first} {length}\n"));
            first += length;
        }
        assert_eq!(
            parse_bad_blocks(&text),
            Some(lengths.iter().sum::<u64>()),
            "seed {seed}"
        );
        let (done, total) = (noise.next() >> 1, noise.next() >> 1);
        let text = format!("{done} / {total}\n");
        assert_eq!(parse_sync_completed(&text), Some((done, total)));
    }
}
