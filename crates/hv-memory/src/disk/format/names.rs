//! Sets of tags as bytes. A source is its own bytes.

use std::sync::Arc;

use super::decoder::Decoder;

/// For each tag its length as a u16, and its UTF-8.
pub(crate) fn encode_tag_set(tags: &[Arc<str>]) -> Vec<u8> {
    let mut out = Vec::new();
    for tag in tags {
        // A tag has at most 256 bytes.
        out.extend((tag.len() as u16).to_le_bytes());
        out.extend(tag.as_bytes());
    }
    out
}

/// The tags, if they are a set in order.
pub(crate) fn decode_tag_set(bytes: &[u8]) -> Option<Arc<[Arc<str>]>> {
    let mut from = Decoder(bytes);
    let mut tags: Vec<Arc<str>> = Vec::new();
    while !from.0.is_empty() {
        let len = from.u16()?;
        tags.push(std::str::from_utf8(from.bytes(len.into())?).ok()?.into());
    }
    tags.is_sorted_by(|a, b| a < b).then(|| tags.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_tags_come_back_and_others_are_refused() {
        let tags: Vec<Arc<str>> = ["", "a", "\u{fc}ber"].map(Arc::from).to_vec();
        let bytes = encode_tag_set(&tags);
        assert_eq!(decode_tag_set(&bytes).as_deref(), Some(&tags[..]));
        assert!(decode_tag_set(&bytes[..bytes.len() - 1]).is_none());
        assert!(decode_tag_set(&encode_tag_set(&["b".into(), "a".into()])).is_none());
    }
}
