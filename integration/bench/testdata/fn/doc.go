// Package fn has the functions under measurement, one kind in each file, as
// their author wrote them. The files stand alone.
package fn
