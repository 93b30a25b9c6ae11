package analysis

import "math/bits"

// Bits is a set of small numbers.
type Bits []uint64

// NewBits returns an empty set that can hold the numbers below n.
func NewBits(n int) Bits { return make(Bits, (n+63)/64) }

// Full returns the set of all numbers below n.
func Full(n int) Bits {
	b := NewBits(n)
	for i := range n {
		b.Set(i)
	}
	return b
}

func (b Bits) Set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b Bits) Clear(i int)    { b[i/64] &^= 1 << (i % 64) }
func (b Bits) Has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }
func (b Bits) Clone() Bits    { return append(Bits(nil), b...) }

func (b Bits) Empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// Len returns the number of elements.
func (b Bits) Len() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// Or adds the elements of c and reports whether that changed b.
func (b Bits) Or(c Bits) (changed bool) {
	for i, w := range c {
		if n := b[i] | w; n != b[i] {
			b[i], changed = n, true
		}
	}
	return changed
}

// And removes what is not in c and reports whether that changed b.
func (b Bits) And(c Bits) (changed bool) {
	for i, w := range c {
		if n := b[i] & w; n != b[i] {
			b[i], changed = n, true
		}
	}
	return changed
}
