//! Where the bytes of one signature lie: four little-endian words over one arena.

/// Bytes of one row as the host writes it.
pub const ROW_BYTES: usize = 16;

/// The bytes that one row points at.
pub struct Row<'arena> {
    pub key: &'arena [u8; 32],
    /// The encoding of R, as signed: ZIP-215 hashes the bytes that came, canonical or not.
    pub commitment: &'arena [u8; 32],
    pub response: &'arena [u8; 32],
    pub message: &'arena [u8],
}

/// Reads a row, or nothing when any part of it lies outside of the arena.
pub fn read_row<'arena>(row: &[u8], arena: &'arena [u8]) -> Option<Row<'arena>> {
    let key = word(row, 0)?;
    let signature = word(row, 4)?;
    let message = word(row, 8)?;
    let message_bytes = word(row, 12)?;
    Some(Row {
        key: block(arena, key)?,
        commitment: block(arena, signature)?,
        response: block(arena, signature.checked_add(32)?)?,
        message: arena.get(message..message.checked_add(message_bytes)?)?,
    })
}

fn word(row: &[u8], at: usize) -> Option<usize> {
    let bytes: [u8; 4] = row.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(bytes) as usize)
}

fn block(arena: &[u8], at: usize) -> Option<&[u8; 32]> {
    arena.get(at..at.checked_add(32)?)?.try_into().ok()
}
