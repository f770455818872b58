// Package ledger is the arithmetic of the bank's books: what an entry is, the
// bytes it is hashed as, the transparency log over those bytes, its signed
// heads and proofs, and the replay that finds the first entry that is wrong.
//
// It is pure: the caller brings rows, tiles, keys and randomness, and stores
// what it is given back. The tree is that of RFC 6962, its hashes are kept in
// tiles of 256 (C2SP tlog-tiles), its head is signed as a checkpoint (C2SP
// tlog-checkpoint, C2SP signed-note). docs/ledger-format.md states every form
// with test vectors, so that others can check the bank without its programs.
package ledger

import "golang.org/x/mod/sumdb/tlog"

// Hash is a SHA-256 hash of a leaf or a node of the tree.
type Hash = tlog.Hash

// HashSize is the length of a Hash in bytes.
const HashSize = tlog.HashSize

// Head is the size of a tree and its root hash.
type Head = tlog.Tree

// HashReader reads hashes of the tree by their place in tlog's order of
// storage; TileReader makes one from stored tiles.
type HashReader = tlog.HashReader
