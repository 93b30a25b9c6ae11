//dedefer:tag tinygo
//go:build !tinygo

// Package baro drives a sensor for pressure and temperature.
//
// It shows code for targets that have no defer, or where defer takes too much: the
// files named _dedefer are made from those with defer statements, and TinyGo builds
// them in their place.
package baro

import "errors"

// Address is that of all sensors of this kind.
const Address = 0x76

// What the registers of the sensor are.
const (
	regID      = 0xD0
	regReset   = 0xE0
	regControl = 0xF4
	regStatus  = 0xF3
	regData    = 0xF7
	regCoeff   = 0x88

	id        = 0x58
	busy      = 0x08
	converted = 0x01
)

// What can go wrong besides what the bus reports.
var (
	ErrNoSensor = errors.New("baro: no such sensor at this address")
	ErrTimeout  = errors.New("baro: the sensor remains busy")
	ErrChannel  = errors.New("baro: a channel is out of range")
)

// A Device is one sensor.
type Device struct {
	bus   *Shared
	power Pin
	coeff [2]int32
}

// New returns the driver of the sensor on bus that power switches on.
func New(bus *Shared, power Pin) *Device { return &Device{bus: bus, power: power} }

// Configure looks for the sensor and reads what it was calibrated to.
func (d *Device) Configure() error {
	d.bus.Lock()
	defer d.bus.Unlock()
	d.power.High()
	defer d.power.Low()
	v, err := d.read(regID)
	if err != nil {
		return err
	}
	if v != id {
		return ErrNoSensor
	}
	if err := d.write(regReset, 0xB6); err != nil {
		return err
	}
	for i := range d.coeff {
		lo, err := d.read(regCoeff + 2*byte(i))
		if err != nil {
			return err
		}
		hi, err := d.read(regCoeff + 2*byte(i) + 1)
		if err != nil {
			return err
		}
		d.coeff[i] = int32(int16(hi)<<8 | int16(lo))
	}
	return nil
}

// Pressure measures, in pascal.
func (d *Device) Pressure() (int32, error) {
	d.bus.Lock()
	defer d.bus.Unlock()
	d.power.High()
	defer d.power.Low()
	raw, err := d.measure(0)
	if err != nil {
		return 0, err
	}
	return raw*d.coeff[0]/256 + 30000, nil
}

// Temperature measures, in thousandths of a degree Celsius.
func (d *Device) Temperature() (int32, error) {
	d.bus.Lock()
	defer d.bus.Unlock()
	d.power.High()
	defer d.power.Low()
	raw, err := d.measure(1)
	if err != nil {
		return 0, err
	}
	if raw < 0 {
		return 0, ErrChannel
	}
	return raw*d.coeff[1]/1024 - 40000, nil
}

// Average measures the pressure with the channels at once, and switches on each
// only while it needs it.
func (d *Device) Average(rounds int) (sum int32, err error) {
	d.bus.Lock()
	defer d.bus.Unlock()
	for ch := byte(0); ch < 2; ch++ {
		if err := d.write(regControl, 0x80|ch); err != nil {
			return 0, err
		}
		defer func(ch byte) {
			if off := d.write(regControl, ch); err == nil {
				err = off
			}
		}(ch)
	}
	for i := 0; i < rounds; i++ {
		raw, err := d.measure(0)
		if err != nil {
			return 0, err
		}
		sum += raw
	}
	if rounds <= 0 {
		return 0, ErrChannel
	}
	return sum / int32(rounds), nil
}

// measure waits for a value of a channel. The bus is locked.
func (d *Device) measure(ch byte) (int32, error) {
	if err := d.write(regControl, converted|ch<<1); err != nil {
		return 0, err
	}
	defer d.write(regControl, 0)
	for try := 0; ; try++ {
		v, err := d.read(regStatus)
		if err != nil {
			return 0, err
		}
		if v&busy == 0 {
			break
		}
		if try == 10 {
			return 0, ErrTimeout
		}
	}
	hi, err := d.read(regData)
	if err != nil {
		return 0, err
	}
	lo, err := d.read(regData + 1)
	if err != nil {
		return 0, err
	}
	return int32(hi)<<8 | int32(lo), nil
}

func (d *Device) read(reg byte) (byte, error) {
	var buf [2]byte
	buf[0] = reg
	err := d.bus.bus.Tx(Address, buf[:1], buf[1:])
	return buf[1], err
}

func (d *Device) write(reg, v byte) error {
	return d.bus.bus.Tx(Address, []byte{reg, v}, nil)
}
