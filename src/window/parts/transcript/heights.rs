//! Heights of rows and their running sums, in a Fenwick tree: each look-up and change in O(log n).

/// Heights of rows, in points: estimated at first, then measured.
#[derive(Debug, Default)]
pub struct Heights {
    /// Fenwick tree: `tree[i]` is the sum of the `i & -i` (1-based) rows that end at row `i`.
    tree: Vec<f64>,
    rows: Vec<f32>,
}

impl Heights {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Height of one row, 0 if there is no such row.
    #[must_use]
    pub fn get(&self, row: usize) -> f32 {
        self.rows.get(row).copied().unwrap_or(0.0)
    }

    /// Height of all rows.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.top(self.len())
    }

    /// Where a row begins: the height of all rows before it.
    #[must_use]
    pub fn top(&self, row: usize) -> f64 {
        let mut sum = 0.0;
        let mut i = row.min(self.len());
        while i > 0 {
            sum += self.tree.get(i - 1).copied().unwrap_or(0.0);
            i &= i - 1;
        }
        sum
    }

    /// The row at this place: the last that begins at or before it. The first, if `y` lies before all
    /// rows; the last, if after.
    #[must_use]
    pub fn row_at(&self, y: f64) -> usize {
        let n = self.len();
        let mut place = 0;
        let mut rest = y;
        let mut step = n.checked_ilog2().map_or(0, |log| 1 << log);
        while step > 0 {
            if let Some(sum) = self.tree.get(place + step - 1)
                && *sum <= rest
            {
                place += step;
                rest -= sum;
            }
            step >>= 1;
        }
        place.min(n.saturating_sub(1))
    }

    /// Add a row at the end.
    pub fn push(&mut self, height: f32) {
        let i = self.len() + 1;
        // The new node spans the nodes before it down to the next lower power of two.
        let mut sum = f64::from(height);
        let low = i - (i & i.wrapping_neg());
        let mut j = i - 1;
        while j > low {
            sum += self.tree.get(j - 1).copied().unwrap_or(0.0);
            j &= j - 1;
        }
        self.tree.push(sum);
        self.rows.push(height);
    }

    /// Set the height of a row.
    pub fn set(&mut self, row: usize, height: f32) {
        let Some(old) = self.rows.get_mut(row) else { return };
        let change = f64::from(height) - f64::from(*old);
        if change == 0.0 {
            return;
        }
        *old = height;
        let mut i = row + 1;
        while let Some(sum) = self.tree.get_mut(i - 1) {
            *sum += change;
            i += i & i.wrapping_neg();
        }
    }

    /// Take rows away at the beginning.
    pub fn remove_first(&mut self, count: usize) {
        if count > 0 {
            let rows = self.rows.split_off(count.min(self.len()));
            *self = rows.into_iter().collect();
        }
    }

    /// Take rows away at the end.
    pub fn remove_last(&mut self, count: usize) {
        // No node that is left spans a row that goes.
        let left = self.len().saturating_sub(count);
        self.tree.truncate(left);
        self.rows.truncate(left);
    }

    /// Add rows at the beginning.
    pub fn insert_first(&mut self, heights: impl IntoIterator<Item = f32>) {
        let rows = std::mem::take(&mut self.rows);
        *self = heights.into_iter().chain(rows).collect();
    }

    /// Take all rows away.
    pub fn clear(&mut self) {
        self.tree.clear();
        self.rows.clear();
    }
}

impl FromIterator<f32> for Heights {
    fn from_iter<I: IntoIterator<Item = f32>>(heights: I) -> Self {
        let rows: Vec<f32> = heights.into_iter().collect();
        let mut tree: Vec<f64> = rows.iter().copied().map(f64::from).collect();
        // Each node adds itself to the next that spans it: O(n) for all.
        for i in 1..=tree.len() {
            let sum = tree.get(i - 1).copied().unwrap_or(0.0);
            if let Some(parent) = tree.get_mut(i + (i & i.wrapping_neg()) - 1) {
                *parent += sum;
            }
        }
        Self { tree, rows }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sums of quarters are exact")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Change {
        Push(f32),
        Set(usize, f32),
        RemoveFirst(usize),
        RemoveLast(usize),
        InsertFirst(Vec<f32>),
    }

    fn change() -> impl Strategy<Value = Change> {
        // Quarters have exact sums, so that both ways of adding agree to the bit.
        let height = (0_u16..4000).prop_map(|quarters| f32::from(quarters) / 4.0);
        prop_oneof![
            6 => height.clone().prop_map(Change::Push),
            3 => (0_usize..200, height.clone()).prop_map(|(row, height)| Change::Set(row, height)),
            1 => (0_usize..20).prop_map(Change::RemoveFirst),
            1 => (0_usize..20).prop_map(Change::RemoveLast),
            1 => prop::collection::vec(height, 0..20).prop_map(Change::InsertFirst),
        ]
    }

    proptest! {
        #[test]
        fn sums_and_places_agree_with_plain_adding(changes in prop::collection::vec(change(), 0..200), y in 0.0_f64..9000.0) {
            let mut heights = Heights::default();
            let mut plain: Vec<f32> = Vec::new();
            for change in changes {
                match change {
                    Change::Push(height) => {
                        heights.push(height);
                        plain.push(height);
                    }
                    Change::Set(row, height) => {
                        heights.set(row, height);
                        if let Some(old) = plain.get_mut(row) {
                            *old = height;
                        }
                    }
                    Change::RemoveFirst(count) => {
                        heights.remove_first(count);
                        plain.drain(..count.min(plain.len()));
                    }
                    Change::RemoveLast(count) => {
                        heights.remove_last(count);
                        plain.truncate(plain.len().saturating_sub(count));
                    }
                    Change::InsertFirst(rows) => {
                        heights.insert_first(rows.clone());
                        plain.splice(..0, rows);
                    }
                }
            }
            prop_assert_eq!(heights.len(), plain.len());
            let mut top = 0.0;
            let mut at = 0;
            for (row, height) in plain.iter().enumerate() {
                prop_assert_eq!(heights.get(row), *height);
                prop_assert_eq!(heights.top(row), top);
                if top <= y {
                    at = row;
                }
                top += f64::from(*height);
            }
            prop_assert_eq!(heights.total(), top);
            prop_assert_eq!(heights.row_at(y), at);
        }
    }
}
