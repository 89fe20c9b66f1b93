//go:build js

package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/seed8935e608/residua/internal/errtext"
	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/skiplab"
	"github.com/seed8935e608/residua/resnet/train"
	"github.com/seed8935e608/residua/wasm/proto"
)

// settingsOf reads the settings of a lab.
func settingsOf(s proto.LabSettings) (skiplab.Settings, error) {
	to := skiplab.Settings{
		Data: dataOf(s.Data), Seed: uint64(s.Seed),
		Training: train.Settings{
			Steps: s.Steps, Batch: s.Batch,
			Schedule:    train.Schedule{Rate: s.Rate, Warmup: s.Warmup, Decay: train.Decay(s.Schedule)},
			WeightDecay: s.WeightDecay, Clip: s.Clip, Smoothing: s.Smoothing,
			Augment: train.Augment{Mirror: s.Augment.Mirror, Shift: s.Augment.Shift, Cut: s.Augment.Cut},
		},
	}
	switch s.Optimizer {
	case "sgd":
		to.Training.Optimizer = train.SGD{Momentum: s.Momentum, Nesterov: s.Nesterov}
	case "adamw":
		to.Training.Optimizer = train.AdamW{}
	default:
		return to, badArgument(fmt.Sprintf("there is no optimizer %q", s.Optimizer))
	}
	for _, n := range s.Networks {
		activation := op.Activation(n.Activation)
		if activation == "relu" {
			activation = resnet.ActivationReLU
		}
		to.Networks = append(to.Networks, skiplab.Network{
			Depth: n.Depth, Join: resnet.Join(n.Join), Norm: n.Norm, PreActivation: n.PreActivation, Width: n.Width,
			Activation: activation, Init: train.Init(n.Init), ZeroLast: n.ZeroLast,
		})
	}
	return to, labError(to.Check())
}

func dataOf(d proto.LabSet) skiplab.Data {
	return skiplab.Data{
		Name: d.Name, Task: d.Task, Domain: d.Domain, Size: d.Size, Train: d.Train, Held: d.Held,
		Difficulty: d.Difficulty,
	}
}

// madeNetwork describes a network.
func madeNetwork(layers []train.Layer, parameters int, bytes int64) proto.LabMadeNetwork {
	n := proto.LabMadeNetwork{Parameters: parameters, Bytes: bytes, Diverged: -1}
	for _, l := range layers {
		n.Layers = append(n.Layers,
			proto.LabLayer{Name: l.Name, Stage: l.Stage, Block: l.Block, Kind: l.Kind, Depth: l.Depth})
	}
	n.LayerCount = len(n.Layers)
	return n
}

// layerNumbers are the buffers of LabStep.
type layerNumbers struct{ activations, outputGradients, weightGradients []float32 }

func (n *layerNumbers) add(layers []train.Layer) {
	for _, l := range layers {
		n.activations = append(n.activations, float32(l.Activation))
		n.outputGradients = append(n.outputGradients, float32(l.OutputGradient))
		n.weightGradients = append(n.weightGradients, float32(l.WeightGradient))
	}
}

func (n *layerNumbers) buffers() buffers {
	return buffers{
		"activations": n.activations, "outputGradients": n.outputGradients, "weightGradients": n.weightGradients,
	}
}

// labError converts an error of packages skiplab and train.
func labError(err error) error {
	var known *skiplab.Error
	var memory *train.MemoryError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return err // apiError converts it
	case errors.Is(err, train.ErrDiverged):
		return cannotTrain(skiplab.WhyDiverged, "the loss on the first pictures is beyond all numbers")
	case errors.Is(err, train.ErrOneClass):
		return cannotTrain(skiplab.WhyOneClass, "all pictures are of one class")
	case errors.As(err, &known) && known.Why == skiplab.WhySetting:
		return badArgument(errtext.Clause(errors.New(known.Reason)))
	case errors.As(err, &known):
		return cannotTrain(known.Why, known.Reason)
	case errors.As(err, &memory):
		const mb = 1e6
		needed, limit := strconv.Itoa(int(float64(memory.Bytes)/mb+1)), strconv.Itoa(int(float64(memory.Limit)/mb))
		return &proto.Error{
			Code: proto.CodeTooMuchMemory,
			Message: fmt.Sprintf("These networks need %s MB of memory while they train, and there are %s MB. "+
				"Choose fewer or smaller networks, or a smaller batch.", needed, limit),
			Details: map[string]string{"needed": needed, "limit": limit},
		}
	}
	return err
}

func cannotTrain(why skiplab.Why, reason string) error {
	return &proto.Error{
		Code:    proto.CodeCannotTrain,
		Message: "The networks cannot be trained like this: " + reason + ".",
		Details: map[string]string{"reason": reason, "why": string(why)},
	}
}
