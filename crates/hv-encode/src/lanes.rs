//! Sums of products in one order, so that they are the same on every machine: eight lanes, no fused multiply-add.

const LANES: usize = 8;

/// The sum of `a[i] * b(i)`.
pub(crate) fn dot(a: &[f64], b: impl Fn(usize) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    for (i, &a) in a.iter().enumerate() {
        lanes[i % LANES] += a * b(i);
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// The cosine of the angle between two rows of one length; 0 where one has only zeros.
pub(crate) fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let norms = dot(a, |i| a[i]).sqrt() * dot(b, |i| b[i]).sqrt();
    if norms > 0.0 { dot(a, |i| b[i]) / norms } else { 0.0 }
}
