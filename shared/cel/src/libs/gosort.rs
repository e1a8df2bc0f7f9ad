//! A sort that leaves elements of equal keys in the order in which Go's `sort.Slice` leaves them.
//!
//! Go promises no such order, but has one: its pattern-defeating quicksort chooses pivots by place
//! and its random numbers start from the length. So the pivots, the comparisons and the swaps here
//! have to be Go's, one by one.

/// Lists up to this length are sorted by insertion.
const INSERTION: usize = 12;
/// From this length on a pivot is chosen from nine elements, and a nearly sorted list repaired.
const LONG: usize = 50;
/// How often a nearly sorted list is repaired.
const REPAIRS: usize = 5;

/// Sorts; `less` need not be a total order (`NaN` has none).
pub(super) fn sort<T>(items: &mut [T], less: impl Fn(&T, &T) -> bool) {
    let end = items.len();
    let limit = usize::BITS - end.leading_zeros();
    Sorter { items, less }.quicksort(0, end, limit);
}

/// What the elements that a pivot was chosen from look like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    Increasing,
    Decreasing,
    Unknown,
}

struct Sorter<'i, T, F> {
    items: &'i mut [T],
    less: F,
}

/// Ranges are from `start` to before `end`.
impl<T, F: Fn(&T, &T) -> bool> Sorter<'_, T, F> {
    fn less(&self, left: usize, right: usize) -> bool {
        match (self.items.get(left), self.items.get(right)) {
            (Some(left), Some(right)) => (self.less)(left, right),
            _ => false,
        }
    }

    fn swap(&mut self, left: usize, right: usize) {
        if left < self.items.len() && right < self.items.len() {
            self.items.swap(left, right);
        }
    }

    fn quicksort(&mut self, mut start: usize, mut end: usize, mut limit: u32) {
        let (mut balanced, mut partitioned) = (true, true);
        loop {
            let length = end - start;
            if length <= INSERTION {
                return self.insertion(start, end);
            }
            if limit == 0 {
                return self.heapsort(start, end);
            }
            if !balanced {
                self.scatter(start, end);
                limit -= 1;
            }
            let (mut pivot, mut hint) = self.pivot(start, end);
            if hint == Hint::Decreasing {
                if let Some(range) = self.items.get_mut(start..end) {
                    range.reverse();
                }
                pivot = (end - 1) - (pivot - start);
                hint = Hint::Increasing;
            }
            if balanced && partitioned && hint == Hint::Increasing && self.repair(start, end) {
                return;
            }
            // what is not less than the element before the range equals all of the range's least
            if start > 0 && !self.less(start - 1, pivot) {
                start = self.partition_equal(start, end, pivot);
                continue;
            }
            let middle;
            (middle, partitioned) = self.partition(start, end, pivot);
            let (left, right) = (middle - start, end - middle);
            balanced = left.min(right) >= length / 8;
            if left < right {
                self.quicksort(start, middle, limit);
                start = middle + 1;
            } else {
                self.quicksort(middle + 1, end, limit);
                end = middle;
            }
        }
    }

    fn insertion(&mut self, start: usize, end: usize) {
        for at in start + 1..end {
            self.sink(at, start);
        }
    }

    /// Moves an element down while it is less than the one before, to `floor` at most.
    fn sink(&mut self, mut at: usize, floor: usize) {
        while at > floor && self.less(at, at - 1) {
            self.swap(at, at - 1);
            at -= 1;
        }
    }

    fn heapsort(&mut self, start: usize, end: usize) {
        let length = end - start;
        for root in (0..=(length - 1) / 2).rev() {
            self.sift(root, length, start);
        }
        for last in (0..length).rev() {
            self.swap(start, start + last);
            self.sift(0, last, start);
        }
    }

    fn sift(&mut self, mut root: usize, length: usize, start: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= length {
                return;
            }
            if child + 1 < length && self.less(start + child, start + child + 1) {
                child += 1;
            }
            if !self.less(start + root, start + child) {
                return;
            }
            self.swap(start + root, start + child);
            root = child;
        }
    }

    /// Puts what is less than the pivot before it and the rest behind. Says where the pivot is
    /// then, and whether nothing had to be moved.
    fn partition(&mut self, start: usize, end: usize, pivot: usize) -> (usize, bool) {
        self.swap(start, pivot);
        let (mut low, mut high) = (start + 1, end - 1);
        let mut untouched = true;
        loop {
            while low <= high && self.less(low, start) {
                low += 1;
            }
            while low <= high && !self.less(high, start) {
                high -= 1;
            }
            if low > high {
                self.swap(high, start);
                return (high, untouched);
            }
            untouched = false;
            self.swap(low, high);
            low += 1;
            high -= 1;
        }
    }

    /// Puts what equals the pivot before what is greater, and says where that starts.
    fn partition_equal(&mut self, start: usize, end: usize, pivot: usize) -> usize {
        self.swap(start, pivot);
        let (mut low, mut high) = (start + 1, end - 1);
        loop {
            while low <= high && !self.less(start, low) {
                low += 1;
            }
            while low <= high && self.less(start, high) {
                high -= 1;
            }
            if low > high {
                return low;
            }
            self.swap(low, high);
            low += 1;
            high -= 1;
        }
    }

    /// Whether a nearly sorted range could be sorted by moving a few elements.
    fn repair(&mut self, start: usize, end: usize) -> bool {
        let mut at = start + 1;
        for _ in 0..REPAIRS {
            while at < end && !self.less(at, at - 1) {
                at += 1;
            }
            if at == end {
                return true;
            }
            if end - start < LONG {
                return false;
            }
            self.swap(at, at - 1);
            if at - start >= 2 {
                // Go's loop goes on before the range, where nothing is greater
                self.sink(at - 1, 0);
            }
            let mut next = at + 1;
            while end - at >= 2 && next < end && self.less(next, next - 1) {
                self.swap(next, next - 1);
                next += 1;
            }
        }
        false
    }

    /// Swaps three elements in the middle with random ones.
    fn scatter(&mut self, start: usize, end: usize) {
        let length = end - start;
        if length < 8 {
            return;
        }
        let mut random = length as u64;
        let mask = (1u64 << (u64::BITS - random.leading_zeros())) - 1;
        let middle = start + (length / 4) * 2;
        for at in middle - 1..=middle + 1 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let mut other = (random & mask) as usize;
            if other >= length {
                other -= length;
            }
            self.swap(at, start + other);
        }
    }

    fn pivot(&self, start: usize, end: usize) -> (usize, Hint) {
        const ALL_SWAPS: u32 = 4 * 3;
        let quarter = (end - start) / 4;
        let (low, middle, high) = (start + quarter, start + quarter * 2, start + quarter * 3);
        let mut swaps = 0;
        let pivot = if end - start >= LONG {
            let low = self.median(low - 1, low, low + 1, &mut swaps);
            let middle = self.median(middle - 1, middle, middle + 1, &mut swaps);
            let high = self.median(high - 1, high, high + 1, &mut swaps);
            self.median(low, middle, high, &mut swaps)
        } else {
            self.median(low, middle, high, &mut swaps)
        };
        let hint = match swaps {
            0 => Hint::Increasing,
            ALL_SWAPS => Hint::Decreasing,
            _ => Hint::Unknown,
        };
        (pivot, hint)
    }

    fn median(&self, a: usize, b: usize, c: usize, swaps: &mut u32) -> usize {
        let mut ordered = |a: usize, b: usize| {
            if self.less(b, a) {
                *swaps += 1;
                (b, a)
            } else {
                (a, b)
            }
        };
        let (a, b) = ordered(a, b);
        let (b, _) = ordered(b, c);
        ordered(a, b).1
    }
}

#[cfg(test)]
mod tests {
    use super::sort;

    /// Numbers of 64 bits from a linear congruence: no two runs differ.
    fn numbers(count: usize, below: u64) -> Vec<u64> {
        let mut state = 7u64;
        let next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        std::iter::repeat_with(next).take(count).collect()
    }

    #[test]
    fn it_sorts() {
        for count in [0, 1, 2, 12, 13, 49, 50, 51, 500, 3000] {
            for below in [1, 2, 10, 1_000_000] {
                let mut items = numbers(count, below);
                let mut expected = items.clone();
                expected.sort_unstable();
                sort(&mut items, |a, b| a < b);
                assert_eq!(items, expected, "{count} below {below}");
                sort(&mut items, |a, b| a > b);
                expected.reverse();
                assert_eq!(items, expected, "{count} below {below}, downwards");
            }
        }
    }

    #[test]
    fn an_order_that_is_none_ends() {
        let mut items = numbers(1000, 100);
        sort(&mut items, |_, _| true);
        assert_eq!(items.len(), 1000);
        let mut doubles: Vec<f64> = numbers(1000, 3).iter().map(|n| 0.0 / *n as f64).collect();
        sort(&mut doubles, |a, b| a < b);
        assert_eq!(doubles.len(), 1000);
    }
}
