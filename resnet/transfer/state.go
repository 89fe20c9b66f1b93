package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/weights"
)

// stateKey is where a state's metadata has its position.
const stateKey = "residua.training"

// position is what a training's state has beside weights.
type position struct {
	Options           SGDOptions
	Train, Validation int // pictures
	Refit             bool
	Epoch, Batch      int
	Running           Score
	History           []Epoch
	Best              int
}

// ErrOtherTraining says that a state is of a training with other settings, other pictures or another network.
var ErrOtherTraining = errors.New("transfer: this state is of another training")

// The prefixes of the tensors' names in a state.
const (
	valuePrefix    = "value."
	velocityPrefix = "velocity."
	bestPrefix     = "best."
)

// State gives all that a training needs to go on, as a safetensors file: the weights, their momenta, the best weights
// so far, the epoch and the batch. It may be taken between steps, so by Run's progress too.
func (t *training) State() ([]byte, error) {
	text, err := json.Marshal(position{
		t.options, len(t.train.Labels), len(t.validation.Labels), t.refit, t.epoch, t.batch, t.running, t.history,
		t.best,
	})
	if err != nil {
		return nil, err
	}
	var tensors []weights.Tensor
	for _, s := range t.saved() {
		tensor, err := weights.NewTensor(s.name, weights.F32, s.shape, s.values)
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, tensor)
	}
	var b bytes.Buffer
	err = weights.Write(&b, map[string]string{stateKey: string(text)}, tensors)
	return b.Bytes(), err
}

// saved is a tensor of a state.
type saved struct {
	name   string
	shape  []int
	values []float32
}

// saved lists a state's tensors as they are now.
func (t *training) saved() []saved {
	var out []saved
	for i, p := range t.all() {
		out = append(out, saved{valuePrefix + p.name, p.shape, p.value})
		if p.velocity != nil {
			out = append(out, saved{velocityPrefix + p.name, p.shape, p.velocity})
		}
		if t.best >= 0 {
			out = append(out, saved{bestPrefix + p.name, p.shape, t.bestValues[i]})
		}
	}
	return out
}

// Restore puts a state back into a training that was made anew with the same arguments. From there it goes on to the
// very same result. After an error the training is as it was before.
func (t *training) Restore(state []byte) error {
	f, err := weights.Parse(state)
	if err != nil {
		return err
	}
	var p position
	if err := json.Unmarshal([]byte(f.Metadata[stateKey]), &p); err != nil {
		return fmt.Errorf("transfer: the state of the training is not readable: %w", err)
	}
	if p.Options != t.options || p.Train != len(t.train.Labels) || p.Validation != len(t.validation.Labels) {
		return ErrOtherTraining
	}
	next := *t
	next.refit, next.epoch, next.batch, next.running = p.Refit, p.Epoch, p.Batch, p.Running
	next.history, next.best, next.order, next.bestValues = p.History, p.Best, nil, nil
	if !next.sound() {
		return errors.New("transfer: the state of the training contradicts itself")
	}
	if p.Best >= 0 {
		for _, p := range t.all() {
			next.bestValues = append(next.bestValues, make([]float32, len(p.value)))
		}
	}
	places := next.saved()
	values := make([][]float32, len(places))
	for i, s := range places {
		tensor, ok := f.Tensor(s.name)
		if !ok || !slices.Equal(tensor.Shape, s.shape) {
			return ErrOtherTraining
		}
		if values[i], err = tensor.AppendFloat32(nil); err != nil {
			return err
		}
	}
	for i, s := range places {
		copy(s.values, values[i])
	}
	next.done = next.over()
	*t = next
	return nil
}

// sound tells whether a training can stand where it is said to stand.
func (t *training) sound() bool {
	first := len(t.history) // epochs of the training before the refit
	switch {
	case first > t.options.Epochs, t.best >= first, t.best < min(first, 1)-1:
		return false
	case t.refit:
		if !t.refits() || first == 0 {
			return false
		}
	case first != t.epoch, t.refits() && t.over():
		return false
	}
	epochs := t.epochs()
	return 0 <= t.epoch && t.epoch <= epochs && 0 <= t.batch && t.batch <= t.batches() &&
		(t.epoch < epochs || t.batch == 0)
}
