// A sensor on a bus that others use, too.
//
// unwind: none ok
package main

import (
	"errors"
	"fmt"
	"sync"
)

type bus struct {
	mu    sync.Mutex
	regs  [8]byte
	fails int
}

var errBus = errors.New("no acknowledge")

func (b *bus) tx(w, r []byte) error {
	if b.fails > 0 {
		b.fails--
		return errBus
	}
	for i := range r {
		r[i] = b.regs[(int(w[0])+i)%len(b.regs)]
	}
	for i, v := range w[1:] {
		b.regs[(int(w[0])+i)%len(b.regs)] = v
	}
	return nil
}

type sensor struct {
	bus *bus
	led bool
}

func (s *sensor) temperature() (milli int32, err error) {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	s.led = true
	defer func() { s.led = false }()
	var buf [3]byte
	if err := s.bus.tx([]byte{1}, buf[:]); err != nil {
		return 0, err
	}
	raw := int32(buf[0])<<16 | int32(buf[1])<<8 | int32(buf[2])
	if raw == 0 {
		return 0, errors.New("not ready")
	}
	return raw * 1000 / 256, nil
}

func (s *sensor) configure(rate byte) error {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	if rate > 7 {
		return fmt.Errorf("rate %d", rate)
	}
	if err := s.bus.tx([]byte{4, rate}, nil); err != nil {
		return err
	}
	for _, cmd := range [...]byte{0xA0, 0xA1} {
		defer func(cmd byte) { fmt.Printf("sent %#x %v\n", cmd, s.bus.tx([]byte{5, cmd}, nil)) }(cmd)
	}
	return s.bus.tx([]byte{6, 1}, nil)
}

func main() {
	s := &sensor{bus: &bus{}}
	for try := 0; try < 4; try++ {
		s.bus.fails = try % 3
		fmt.Println(s.configure(byte(try * 3)))
		s.bus.regs[2] = byte(try)
		fmt.Println(s.temperature())
		fmt.Println(s.led, s.bus.regs)
	}
}
