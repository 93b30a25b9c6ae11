package baro

import (
	"errors"
	"fmt"
	"testing"
)

var errBus = errors.New("no acknowledge")

// A fake is a sensor on a bus of its own, and the pin that switches it on.
type fake struct {
	regs  [256]byte
	on    bool
	fails int // the transfer that fails, counted down; 0: none
	busy  int // how often it is
	log   []string
}

func (f *fake) High() { f.on = true }
func (f *fake) Low()  { f.on = false }

func (f *fake) Tx(addr uint16, w, r []byte) error {
	if f.fails--; f.fails == 0 {
		return errBus
	}
	for i := range r {
		r[i] = f.regs[w[0]+byte(i)]
		if w[0] == regStatus && f.busy > 0 {
			f.busy--
			r[i] |= busy
		}
	}
	if len(r) == 0 {
		f.regs[w[0]] = w[1]
		f.log = append(f.log, fmt.Sprintf("%x=%x", w[0], w[1]))
	}
	return nil
}

func newFake() (*fake, *Device) {
	f := &fake{}
	f.regs[regID] = id
	f.regs[regCoeff], f.regs[regCoeff+1], f.regs[regCoeff+2] = 0x34, 0x01, 0x7F
	f.regs[regData], f.regs[regData+1] = 0x80, 0x10
	return f, New(Share(f), f)
}

// check makes sure that the bus is free, and the sensor off.
func check(t *testing.T, f *fake, d *Device) {
	t.Helper()
	if !d.bus.mu.TryLock() {
		t.Fatal("the bus stays locked")
	}
	d.bus.mu.Unlock()
	if f.on {
		t.Error("the sensor stays on")
	}
	if v := f.regs[regControl]; v != 0 && v != 1 {
		t.Errorf("control is %#x", v)
	}
}

func TestMeasure(t *testing.T) {
	f, d := newFake()
	if err := d.Configure(); err != nil {
		t.Fatal(err)
	}
	check(t, f, d)
	f.busy = 3
	if p, err := d.Pressure(); p != 69443 || err != nil {
		t.Errorf("pressure: %d, %v", p, err)
	}
	check(t, f, d)
	if c, err := d.Temperature(); c != -35935 || err != nil {
		t.Errorf("temperature: %d, %v", c, err)
	}
	check(t, f, d)
	f.log = nil
	if a, err := d.Average(2); a != 0x8010 || err != nil {
		t.Errorf("average: %d, %v", a, err)
	}
	check(t, f, d)
	want := "[f4=80 f4=81 f4=1 f4=0 f4=1 f4=0 f4=1 f4=0]"
	if got := fmt.Sprint(f.log); got != want {
		t.Errorf("average wrote %s, want %s", got, want)
	}
	if err := d.bus.Tx(Address, []byte{regReset, 1}, nil); err != nil {
		t.Error(err)
	}
	check(t, f, d)
}

// TestErrors makes each transfer fail in turn.
func TestErrors(t *testing.T) {
	for name, measure := range map[string]func(*Device) error{
		"Configure":   (*Device).Configure,
		"Pressure":    func(d *Device) error { _, err := d.Pressure(); return err },
		"Temperature": func(d *Device) error { _, err := d.Temperature(); return err },
		"Average":     func(d *Device) error { _, err := d.Average(3); return err },
	} {
		failed := 0
		for n := 1; ; n++ {
			f, d := newFake()
			f.fails = n
			err := measure(d)
			if f.fails > 0 {
				break
			}
			if errors.Is(err, errBus) {
				failed++
			}
			f.regs[regControl] &= 1 // what failed may have been this
			check(t, f, d)
		}
		if failed < 3 {
			t.Errorf("%s: %d transfers fail", name, failed)
		}
	}
}

func TestOtherErrors(t *testing.T) {
	f, d := newFake()
	f.busy = 100
	if _, err := d.Pressure(); err != ErrTimeout {
		t.Error(err)
	}
	check(t, f, d)
	f.busy = 0
	f.regs[regID]++
	if err := d.Configure(); err != ErrNoSensor {
		t.Error(err)
	}
	check(t, f, d)
	if _, err := d.Average(0); err != ErrChannel {
		t.Error(err)
	}
	check(t, f, d)
}
