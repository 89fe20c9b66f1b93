//go:build !js

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/train"
)

// options are what the command line says.
type options struct {
	dir, out     string
	preset       string
	size         int
	epochs       int
	batch        int
	rate         float64
	optimizer    string
	momentum     float64
	schedule     string
	decay        float64
	clip         float64
	smoothing    float64
	mirror       bool
	shift, cut   int
	held         float64
	seed         uint64
	memory       float64
	resume       bool
	startAtShort bool // F starts at zero
}

// extension is that of model files.
const extension = ".safetensors"

// parse reads the command line, in which DIR may stand anywhere.
func parse(args []string, stdout io.Writer) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("residua train", flag.ContinueOnError)
	f.SetOutput(stdout)
	f.StringVar(&o.out, "o", "", "write the model to this `file`, whose name ends in "+extension)
	f.StringVar(&o.preset, "preset", "resnet20", "the network: "+strings.Join(resnet.PresetNames(), ", "))
	f.IntVar(&o.size, "size", 0, "height and width of the network's pictures in `pixels`; 0: those it was designed for")
	f.IntVar(&o.epochs, "epochs", 30, "how often the pictures are gone through")
	f.IntVar(&o.batch, "batch", 64, "pictures of a step")
	f.StringVar(&o.optimizer, "optimizer", "sgd", "sgd or adamw")
	f.Float64Var(&o.rate, "rate", 0, "the learning rate; 0: 0.05 with sgd, 0.001 with adamw")
	f.Float64Var(&o.momentum, "momentum", 0.9, "of sgd")
	f.StringVar(&o.schedule, "schedule", "cosine", "how the rate falls: cosine, step or constant")
	f.Float64Var(&o.decay, "decay", 1e-4, "the weight decay")
	f.Float64Var(&o.clip, "clip", 5, "the gradient is made no longer than this; 0: as long as it is")
	f.Float64Var(&o.smoothing, "smoothing", 0, "label smoothing, from 0 to below 1")
	f.BoolVar(&o.mirror, "mirror", false, "mirror pictures at random; not for classes that left and right tell apart")
	f.IntVar(&o.shift, "shift", 0, "move pictures at random by up to so many `pixels`")
	f.IntVar(&o.cut, "cut", 0, "blank out a random square of so many `pixels` a side")
	f.BoolVar(&o.startAtShort, "zero", false, "every block starts as its shortcut")
	f.Float64Var(&o.held, "held", 0.2, "the `part` of the pictures to hold out, if DIR has no folders train and val")
	f.Uint64Var(&o.seed, "seed", 1, "of the weights, the order of the pictures, and what is held out")
	f.Float64Var(&o.memory, "memory", 8, "the most memory that the network may take, in `GiB`")
	f.BoolVar(&o.resume, "resume", false, "go on with the training that was stopped; all else as it was")
	var dirs []string
	for {
		if err := f.Parse(args); err != nil {
			return nil, err
		}
		if f.NArg() == 0 {
			break
		}
		dirs, args = append(dirs, f.Arg(0)), f.Args()[1:]
	}
	switch {
	case len(dirs) == 0:
		return nil, errors.New("name the folder with the pictures: residua train DIR -o FILE" + extension)
	case len(dirs) > 1:
		return nil, fmt.Errorf("one folder at a time, not %q", dirs)
	case !strings.EqualFold(filepath.Ext(o.out), extension) || len(filepath.Base(o.out)) == len(extension):
		return nil, fmt.Errorf("name the file to be written with -o, such as -o pets%s", extension)
	}
	o.dir = dirs[0]
	return o, o.check()
}

// check refuses what train.Settings.Check does not see, and fills in what depends on other settings.
func (o *options) check() error {
	c, err := resnet.Preset(o.preset)
	if err != nil {
		return err
	}
	if o.size == 0 {
		o.size = c.InputSize()
	}
	if o.rate == 0 {
		o.rate = map[string]float64{"sgd": 0.05, "adamw": 0.001}[o.optimizer]
	}
	switch {
	case o.size < 4 || o.size > 1024:
		return fmt.Errorf("-size %d: a picture has 4 to 1024 pixels a side", o.size)
	case o.optimizer != "sgd" && o.optimizer != "adamw":
		return fmt.Errorf("-optimizer %s: it is sgd or adamw", o.optimizer)
	case o.epochs < 1 || o.epochs > 1e6:
		return fmt.Errorf("-epochs %d: it is 1 to 1,000,000", o.epochs)
	case !(o.held >= 0 && o.held < 1):
		return fmt.Errorf("-held %v: it is from 0 to below 1", o.held)
	case !(o.memory > 0 && o.memory < 1e6):
		return fmt.Errorf("-memory %v: it is in GiB", o.memory)
	}
	return o.settings(1).Check()
}

// settings are those of a training on so many pictures.
func (o *options) settings(pictures int) train.Settings {
	s := train.Settings{
		Seed: o.seed, Batch: o.batch, WeightDecay: o.decay, Clip: o.clip, Smoothing: o.smoothing,
		Optimizer: train.SGD{Momentum: o.momentum},
		Schedule:  train.Schedule{Rate: o.rate, Decay: train.Decay(o.schedule)},
		Augment:   train.Augment{Mirror: o.mirror, Shift: o.shift, Cut: o.cut},
	}
	if o.optimizer == "adamw" {
		s.Optimizer = train.AdamW{}
	}
	if o.batch < 1 {
		return s // Check says so
	}
	s.Steps = o.epochs * s.Batches(pictures)
	// The first twentieth of the steps is a warm-up.
	s.Schedule.Warmup = s.Steps / 20
	return s
}
