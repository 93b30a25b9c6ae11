//dedefer:tag tinygo
//go:build !tinygo

package baro

// Ready counts what the sensor has announced by its interrupt and nobody has
// fetched.
var Ready Announced

// Announced is shared by an interrupt handler and the code that it interrupts.
type Announced struct {
	masked bool
	n      int
}

const most = 4 // that the sensor keeps

// handleReady runs when the sensor announces a value. TinyGo cannot run a function
// with a native defer in an interrupt, as there is no goroutine to keep it in; what
// it builds instead has the call of unmask at both ends.
//
//export EXTI0_IRQHandler
func handleReady() {
	Ready.mask()
	defer Ready.unmask()
	if Ready.n == most {
		return
	}
	Ready.n++
}

// Take returns how many values were announced since it was called last.
func (a *Announced) Take() int {
	a.mask()
	defer a.unmask()
	n := a.n
	a.n = 0
	return n
}

func (a *Announced) mask()   { a.masked = true }
func (a *Announced) unmask() { a.masked = false }
