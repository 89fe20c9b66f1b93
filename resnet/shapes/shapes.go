// Package shapes draws small colour pictures for experiments: what they show is known, there are as many as one likes,
// and how hard they are is a number. A picture is decided by the settings, the seed and its index alone, on every
// machine.
package shapes

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Task says what the classes are.
type Task string

// The tasks.
const (
	Form      Task = "form"      // which form it is; colour, place and rotation say nothing
	Colour    Task = "colour"    // which colour it has; its form says nothing
	Direction Task = "direction" // whether it points left or right: the mirror image of a picture is of the other class
	Rotation  Task = "rotation"  // by how many degrees, clockwise, a thing that points right is turned
	Count     Task = "count"     // how many things there are
)

// A Domain is a way to draw: the same things look different in each.
type Domain string

// The domains.
const (
	Filled   Domain = "filled"   // filled forms on a plain ground
	Outlined Domain = "outlined" // outlines on a textured ground
)

var classes = map[Task][]string{
	Form:      {"circle", "square", "triangle", "star", "cross", "ring"},
	Colour:    {"red", "yellow", "green", "cyan", "blue", "magenta"},
	Direction: {"left", "right"},
	Rotation:  {"0", "90", "180", "270"},
	Count:     {"one", "two", "three", "four"},
}

// Tasks lists the tasks.
func Tasks() []Task { return []Task{Form, Colour, Direction, Rotation, Count} }

// Domains lists the domains.
func Domains() []Domain { return []Domain{Filled, Outlined} }

// Classes are the names of a task's classes, by label; nil for a task that does not exist.
func (t Task) Classes() []string { return slices.Clone(classes[t]) }

// The smallest and the largest side of a picture.
const (
	MinSize = 8
	MaxSize = 512
)

// A Set is an endless list of pictures.
type Set struct {
	Task   Task
	Domain Domain
	Size   int // height and width, MinSize to MaxSize
	// Difficulty is from 0 to 1. At 0 a thing stands upright in the middle, in a strong colour. With it grow the
	// variation of place, size and rotation, the clutter behind the thing and the noise, and the contrast gets weaker.
	Difficulty float64
	Seed       uint64
}

// Check returns an error that says what about the settings cannot be.
func (s Set) Check() error {
	switch {
	case classes[s.Task] == nil:
		return fmt.Errorf("shapes: there is no task %q; there are %s", s.Task, list(Tasks()))
	case !slices.Contains(Domains(), s.Domain):
		return fmt.Errorf("shapes: there is no domain %q; there are %s", s.Domain, list(Domains()))
	case s.Size < MinSize || s.Size > MaxSize:
		return fmt.Errorf("shapes: a picture has %d to %d pixels a side, not %d", MinSize, MaxSize, s.Size)
	case !(s.Difficulty >= 0 && s.Difficulty <= 1):
		return errors.New("shapes: the difficulty is a number from 0 to 1")
	}
	return nil
}

func list[S ~string](all []S) string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

// Len is the number of bytes of a picture: Size × Size × 3.
func (s Set) Len() int { return 3 * s.Size * s.Size }

// Label is the class of picture i, i ≥ 0. Each run of pictures from a multiple of the number of classes on has every
// class once.
func (s Set) Label(i int) int {
	n := len(classes[s.Task])
	r := s.source(uint64(i/n), 'l')
	order := make([]int, n)
	for k := range order { // Fisher and Yates, from the inside out
		j := r.below(k + 1)
		order[k], order[j] = order[j], k
	}
	return order[i%n]
}

// Draw draws picture i, i ≥ 0, as Size × Size × 3 bytes of RGB, and returns its class. It panics for settings that
// Check refuses and if dst has another length than Len.
func (s Set) Draw(dst []byte, i int) (label int) {
	if err := s.Check(); err != nil {
		panic(err.Error())
	}
	if len(dst) != s.Len() || i < 0 {
		panic("shapes: the picture's buffer must have Size × Size × 3 bytes, and its index must not be negative")
	}
	label = s.Label(i)
	c := canvas{size: s.Size, pix: dst, cover: make([]int32, s.Size)}
	s.scene(&c, label, s.source(uint64(i), 'p'))
	return label
}
