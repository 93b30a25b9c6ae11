//dedefer:tag tinygo
//go:build !tinygo

package baro

import "sync"

// A Bus is an I2C bus, as package machine of TinyGo has it.
type Bus interface {
	Tx(addr uint16, w, r []byte) error
}

// A Pin is an output, as package machine of TinyGo has it.
type Pin interface {
	High()
	Low()
}

// A Shared bus is one with several devices on it.
type Shared struct {
	mu  sync.Mutex
	bus Bus
}

// Share returns a bus to give to the drivers of all devices on it.
func Share(b Bus) *Shared { return &Shared{bus: b} }

// Tx is one transfer that no other one interrupts.
func (s *Shared) Tx(addr uint16, w, r []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bus.Tx(addr, w, r)
}

// Lock keeps other devices off the bus until Unlock.
func (s *Shared) Lock() { s.mu.Lock() }

// Unlock is the end of what Lock began.
func (s *Shared) Unlock() { s.mu.Unlock() }
