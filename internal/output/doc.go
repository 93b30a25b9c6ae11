// Package output writes what package rewrite computed: over the module's own
// files, or into a complete copy of the module.
//
// [InPlace] replaces files. It first writes every new version beside its file
// and syncs it; only when all of them are on the disk does it rename them into
// place, the bundled runtime before the files that import it. Files that are no
// longer needed go last. A full disk thus changes nothing, and a kill leaves each
// file either old or new. What a kill leaves behind is named .dedefer-*.tmp, which
// the go command ignores.
//
// [Copy] builds the whole copy in a directory .dedefer-* beside its
// destination, syncs it, and then puts it in the destination's place, in one
// step where the system can exchange two directories. Whoever looks at the
// destination sees the old tree or the new one.
//
// The copy is byte for byte, except for the rewritten files and these:
//
//   - .git, .hg, .svn and .bzr are left out, unless below a testdata directory;
//     so is any directory below the module that Copy itself wrote.
//   - A go.mod, go.work or vendor/modules.txt that names a directory outside of
//     the copy, relative to itself, is made to name it from its new place; only
//     these words change.
//   - With a workspace in effect that lies outside of the module, its go.work
//     and go.work.sum are written too, with the copy in the module's place. A
//     copy that would otherwise fall under somebody else's go.work gets one of
//     its own.
//   - A symbolic link that stays inside is copied as a link, and so is one that
//     leads nowhere or in a circle. A link to a file outside becomes that
//     file's content. A link to a directory outside becomes a link to the same
//     directory by its absolute name, which is reported: such directories
//     (bazel-out, a result in /nix/store) may be huge, or contain the module.
//   - Sockets, pipes and devices are left out, and reported.
//
// The file .dedefer at the root of the copy marks it as such and lists what was
// written. It decides what happens when the copy is made again: what it lists
// goes, anything else in there stays.
package output
