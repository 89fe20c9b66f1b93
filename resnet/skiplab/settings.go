// Package skiplab trains a few small networks side by side on the same batches: residual ones, and the same without
// shortcuts. It is what the page's room of that name computes.
package skiplab

import (
	"fmt"
	"strings"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/train"
)

// Settings are those of a lab: what the networks learn, how, and which networks they are.
type Settings struct {
	Data     Data
	Seed     uint64 // of the weights, of the batches, and of what is drawn
	Training train.Settings
	Networks []Network
}

// Data says which pictures the networks learn.
type Data struct {
	Name       string  // of a Set, or Shapes
	Task       string  // of Shapes: a shapes.Task
	Domain     string  // one of the set's; "": all
	Size       int     // the side of the networks' pictures, in pixels
	Train      int     // pictures to learn from, at most
	Held       int     // pictures that are held out to judge by, at most
	Difficulty float64 // of Shapes, 0 … 1
}

// Shapes is the Name of pictures that are drawn as they are needed: those of package shapes.
const Shapes = "shapes"

// Network is the structure of one network and how it begins: a residual network for small pictures (He and others 2016,
// section 4.2), with basic blocks in three stages and projections where the shape changes.
type Network struct {
	Depth         int // layers with weights: 6n + 2
	Join          op.Join
	Norm          bool
	PreActivation bool
	Width         int // channels of the first stage
	Activation    op.Activation
	Init          train.Init
	ZeroLast      bool // each F is zero at the start
}

// The limits of a lab.
const (
	MaxNetworks = 4
	MinSize     = 8
	MaxSize     = 64
	MaxDepth    = 110
	MaxWidth    = 64
	MaxBatch    = 512
	MaxSteps    = 20_000
	MaxPictures = 20_000 // on either side
	MaxSeeds    = 20
)

// Why says what is wrong with settings or data, for programs.
type Why string

// The reasons.
const (
	WhySetting   Why = "setting"     // a setting that does not exist, or is out of range
	WhyOneClass  Why = "one-class"   // the pictures are of one class only
	WhyTooFew    Why = "too-few"     // there is a class without pictures to learn from
	WhyNoHeld    Why = "no-held-out" // no picture is left to judge by
	WhyNoSet     Why = "no-set"      // there are no such pictures
	WhyOtherRun  Why = "other-run"   // a state of other settings, or other pictures
	WhyNoNetwork Why = "no-network"  // a network that is not there, or cannot do what is asked
	WhyDiverged  Why = "diverged"    // a network whose loss has left the numbers, where others go on from it
)

// An Error says why a lab cannot be made or asked.
type Error struct {
	Why    Why
	Reason string // a clause in English
}

func (e *Error) Error() string { return "skiplab: " + e.Reason }

func fault(why Why, format string, args ...any) error {
	return &Error{why, fmt.Sprintf(format, args...)}
}

// check returns an *Error if there can be no such pictures.
func (d Data) check() error {
	switch {
	case d.Size < MinSize || d.Size > MaxSize:
		return fault(WhySetting, "pictures of %d×%d; a side is %d to %d", d.Size, d.Size, MinSize, MaxSize)
	case d.Train < 2 || d.Train > MaxPictures:
		return fault(WhySetting, "%d pictures to learn from; there can be 2 to %d", d.Train, MaxPictures)
	case d.Held < 1:
		return fault(WhyNoHeld, "%d pictures to judge by", d.Held)
	case d.Held > MaxPictures:
		return fault(WhySetting, "%d pictures to judge by; there can be 1 to %d", d.Held, MaxPictures)
	case !(d.Difficulty >= 0 && d.Difficulty <= 1):
		return fault(WhySetting, "a difficulty of %v; it is 0 to 1", d.Difficulty)
	}
	return nil
}

// Check returns an *Error if a lab with these settings cannot be made, whatever the pictures.
func (s Settings) Check() error {
	if err := s.Data.check(); err != nil {
		return err
	}
	switch {
	case len(s.Networks) < 1 || len(s.Networks) > MaxNetworks:
		return fault(WhySetting, "%d networks; there can be 1 to %d", len(s.Networks), MaxNetworks)
	case s.Training.Batch < 2 || s.Training.Batch > MaxBatch:
		return fault(WhySetting, "batches of %d; they are of 2 to %d pictures", s.Training.Batch, MaxBatch)
	case s.Training.Steps < 1 || s.Training.Steps > MaxSteps:
		return fault(WhySetting, "%d steps; there can be 1 to %d", s.Training.Steps, MaxSteps)
	}
	if err := s.Training.Check(); err != nil {
		return fault(WhySetting, "%s", clause(err))
	}
	for i, n := range s.Networks {
		if _, err := n.Config(2); err != nil {
			return fault(WhySetting, "network %d: %v", i+1, err)
		}
	}
	return nil
}

// Config is the network's structure for some number of classes.
func (n Network) Config(classes int) (resnet.Config, error) {
	blocks := (n.Depth - 2) / 6
	c := resnet.Config{
		Block: resnet.Basic, Layers: []int{blocks, blocks, blocks}, Width: n.Width, Expansion: 1,
		Stem: resnet.StemCIFAR, NormEpsilon: 1e-5, Join: n.Join, Classes: classes,
		NoNorm: !n.Norm, PreActivation: n.PreActivation, Activation: n.Activation,
	}
	switch {
	case n.Depth != 6*blocks+2 || n.Depth > MaxDepth || blocks < 1:
		return c, fmt.Errorf("a depth of %d; it is 8, 14, 20 … %d", n.Depth, MaxDepth)
	case n.Width < 1 || n.Width > MaxWidth:
		return c, fmt.Errorf("a width of %d; it is 1 to %d", n.Width, MaxWidth)
	}
	return c, c.Check()
}

// clause is an error's text without the package that it comes from.
func clause(err error) string { return strings.TrimPrefix(err.Error(), "train: ") }

// options are what a network is made with.
func (s Settings) options(n Network) train.Options {
	return train.Options{
		Init: n.Init, ZeroLast: n.ZeroLast, Seed: s.Seed, Height: s.Data.Size, Width: s.Data.Size,
		Batch: s.Training.Batch,
	}
}
