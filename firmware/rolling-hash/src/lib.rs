//! Where a file is cut into pieces, so that a change moves as few of them as can be: at
//! the bytes after which a hash of the last few has a certain end.
//!
//! The hash is Rabin's fingerprint (M. O. Rabin, "Fingerprinting by Random Polynomials",
//! 1981), as restic and `rustic_core` use it: the bytes of the window are the coefficients
//! of a polynomial over two elements, and the hash is what is left of it after division by
//! an irreducible one, which each repository draws for itself.
//!
//! Everything here is linear over two elements: the tables of 256 bytes are sums of those
//! of the eight bits. A table takes microseconds. `rustic_core` makes two for each file, so
//! that each thread keeps the last ones.

use std::cell::RefCell;

/// A polynomial over two elements: bit *n* is the coefficient of *x* to the *n*.
pub type Polynom64 = u64;

/// What `rustic_core` asks of a polynomial.
pub trait Polynom {
    /// The highest power, −1 of nought.
    fn degree(&self) -> i32;

    /// What is left after division by `divisor`, which is not nought.
    #[must_use]
    fn modulo(&self, divisor: &Self) -> Self;
}

impl Polynom for Polynom64 {
    fn degree(&self) -> i32 {
        self.checked_ilog2().map_or(-1, |power| power.cast_signed())
    }

    fn modulo(&self, divisor: &Self) -> Self {
        let mut left = *self;
        while left.degree() >= divisor.degree() {
            left ^= divisor << (left.degree() - divisor.degree());
        }
        left
    }
}

/// A hash of the last bytes of a stream.
pub trait RollingHash64 {
    /// Begins anew, with at most a window of bytes; says how many there were.
    fn reset_and_prefill_window<I>(&mut self, bytes: &mut I) -> usize
    where
        I: Iterator<Item = u8>;

    /// Takes one byte in, and the oldest out.
    fn slide(&mut self, byte: u8);
}

/// Rabin's fingerprint of a window.
#[derive(Debug, Clone)]
pub struct Rabin64 {
    /// The hash of the window.
    pub hash: Polynom64,
    /// The last bytes, in a ring.
    window: Vec<u8>,
    /// Where the oldest is.
    oldest: usize,
    /// How far the eight highest bits of a hash are from its end.
    shift: u32,
    /// What a byte weighs when it is the oldest of a window.
    leaving: [Polynom64; 256],
    /// What takes a hash's eight highest bits away once they are too high, and adds what
    /// is left of them.
    reducing: [Polynom64; 256],
}

impl Rabin64 {
    /// A hash of windows of two to the `window_bits` bytes, by division by a polynomial of
    /// a degree between 8 and 56.
    #[must_use]
    pub fn new_with_polynom(window_bits: u32, divisor: &Polynom64) -> Self {
        let wanted = (window_bits, *divisor);
        KEPT.with_borrow_mut(|kept| match kept {
            Some((made_for, hash)) if *made_for == wanted => hash.clone(),
            _ => {
                let hash = Self::make(window_bits, divisor);
                *kept = Some((wanted, hash.clone()));
                hash
            }
        })
    }

    fn make(window_bits: u32, divisor: &Polynom64) -> Self {
        let size = 1 << window_bits;
        let degree = divisor.ilog2();
        debug_assert!((8..=56).contains(&degree), "{divisor:#x}");
        let leaving = |bit: u32| {
            let first = (1 << bit).modulo(divisor);
            (1..size).fold(first, |hash: Polynom64, _| (hash << 8).modulo(divisor))
        };
        let reducing = |bit: u32| {
            let high: Polynom64 = 1 << (degree + bit);
            high | high.modulo(divisor)
        };
        Self {
            hash: 0,
            window: vec![0; size],
            oldest: 0,
            shift: degree - 8,
            leaving: of_all_bytes(leaving),
            reducing: of_all_bytes(reducing),
        }
    }
}

thread_local! {
    /// The last hash that was made, at its beginning, and for which window and polynomial.
    static KEPT: RefCell<Option<((u32, Polynom64), Rabin64)>> = const { RefCell::new(None) };
}

/// A table of all bytes from its values for the eight bits.
fn of_all_bytes(of_bit: impl Fn(u32) -> Polynom64) -> [Polynom64; 256] {
    let bits: [Polynom64; 8] = std::array::from_fn(|bit| of_bit(bit as u32));
    let mut table = [0; 256];
    for byte in 1..256_usize {
        let lowest = byte.trailing_zeros() as usize;
        table[byte] = table[byte & (byte - 1)] ^ bits[lowest];
    }
    table
}

impl RollingHash64 for Rabin64 {
    fn reset_and_prefill_window<I>(&mut self, bytes: &mut I) -> usize
    where
        I: Iterator<Item = u8>,
    {
        self.hash = 0;
        self.window.fill(0);
        self.oldest = 0;
        let window = bytes.take(self.window.len());
        window.map(|byte| self.slide(byte)).count()
    }

    fn slide(&mut self, byte: u8) {
        let leaves = std::mem::replace(&mut self.window[self.oldest], byte);
        self.oldest = (self.oldest + 1) & (self.window.len() - 1);
        self.hash ^= self.leaving[usize::from(leaves)];
        let high = (self.hash >> self.shift) & 0xff;
        self.hash = ((self.hash << 8) | Polynom64::from(byte)) ^ self.reducing[high as usize];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Irreducible, of degree 53: the one that restic's own tests use.
    const DIVISOR: Polynom64 = 0x003D_A335_8B4D_C173;

    /// Bytes that look like chance (xorshift, Marsaglia 2003).
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    /// The definition, bit by bit: the bytes are one long polynomial.
    fn by_division(bytes: &[u8], divisor: Polynom64) -> Polynom64 {
        let bits = bytes
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |bit| u64::from(byte >> bit) & 1));
        bits.fold(0, |left, bit| ((left << 1) | bit).modulo(&divisor))
    }

    #[test]
    fn the_hash_is_what_division_leaves_of_the_last_bytes() {
        let other = 0x0100_0000_0000_008D;
        // The last two of a kind are one after the other: what is kept serves both.
        for (window_bits, divisor) in [(6, DIVISOR), (4, 0x11B), (6, other), (6, other)] {
            let window = 1 << window_bits;
            let bytes = noise(2000);
            let mut hash = Rabin64::new_with_polynom(window_bits, &divisor);
            for (place, byte) in bytes.iter().enumerate() {
                hash.slide(*byte);
                let from = (place + 1).saturating_sub(window);
                let expected = by_division(&bytes[from..=place], divisor);
                assert_eq!(hash.hash, expected, "byte {place} by {divisor:#x}");
            }
        }
    }

    #[test]
    fn what_was_before_a_new_beginning_is_forgotten() {
        let bytes = noise(500);
        let mut used = Rabin64::new_with_polynom(6, &DIVISOR);
        bytes.iter().for_each(|byte| used.slide(*byte));
        let mut new = Rabin64::new_with_polynom(6, &DIVISOR);
        for hash in [&mut used, &mut new] {
            let taken = hash.reset_and_prefill_window(&mut bytes[100..].iter().copied());
            assert_eq!(taken, 64);
            hash.slide(bytes[164]);
            assert_eq!(hash.hash, by_division(&bytes[101..165], DIVISOR));
        }
        let few = used.reset_and_prefill_window(&mut bytes[..10].iter().copied());
        assert_eq!((few, used.hash), (10, by_division(&bytes[..10], DIVISOR)));
    }

    #[test]
    fn polynomials_are_divided() {
        assert_eq!((0_u64.degree(), 1_u64.degree()), (-1, 0));
        assert_eq!((127_u64.degree(), 128_u64.degree()), (6, 7));
        // (x⁴ + x + 1) divided by (x² + x): (x² + x + 1), and 1 is left.
        assert_eq!(0b1_0011_u64.modulo(&0b110), 0b1);
        assert_eq!(5_u64.modulo(&8), 5);
    }
}
