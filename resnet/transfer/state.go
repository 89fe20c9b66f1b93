package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet/train"
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

// bestPrefix is that of the best weights' names in a state.
const bestPrefix = "best."

// State gives all that a training needs to go on, as a safetensors file: that of its train.Trainer, the best weights so
// far, and the epoch. It may be taken between steps, so by Run's progress too.
func (t *training) State() ([]byte, error) {
	f, err := t.StateFile()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Grow(int(f.Size()))
	_, err = f.WriteTo(&b)
	return b.Bytes(), err
}

// StateFile is State before it is written, which hardly takes memory. It is good until the next step.
func (t *training) StateFile() (*weights.FloatFile, error) {
	text, err := json.Marshal(position{
		t.options, len(t.train.Labels), len(t.validation.Labels), t.refit, t.epoch, t.batch(), t.running, t.history,
		t.best,
	})
	if err != nil {
		return nil, err
	}
	metadata, tensors, err := t.trainer.StateFloats()
	if err != nil {
		return nil, err
	}
	metadata[stateKey] = string(text)
	for i, p := range t.all() {
		if t.best < 0 {
			break
		}
		values := t.bestValues[i]
		tensors = append(tensors, weights.Floats{
			Name: bestPrefix + p.Name, Shape: []int{len(values)}, Values: func() []float32 { return values },
		})
	}
	return weights.NewFloatFile(metadata, tensors)
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
	steps, ok := train.StateSteps(f)
	// States of versions before the steps were package train's have none.
	if !ok || p.Options != t.options || p.Train != len(t.train.Labels) || p.Validation != len(t.validation.Labels) {
		return ErrOtherTraining
	}
	next := *t
	next.refit, next.epoch, next.running = p.Refit, p.Epoch, p.Running
	next.history, next.best, next.bestValues = p.History, p.Best, nil
	if !next.sound(p.Batch) || steps != p.Epoch*next.batches()+p.Batch {
		return errors.New("transfer: the state of the training contradicts itself")
	}
	if next.bestValues, err = t.readBest(f, p.Best); err != nil {
		return err
	}
	// The trainer of a training that has not begun makes room: it is taken up, unless that of the refit is wanted.
	fresh := !t.refit && t.trainer.Steps() == 0
	if !fresh || p.Refit {
		next.trainer = nil
		if fresh {
			t.trainer = nil
		}
		next.trainer = next.newTrainer()
	}
	if err := next.trainer.RestoreFile(f); err != nil {
		if t.trainer == nil {
			t.trainer = t.newTrainer()
		}
		if errors.Is(err, train.ErrOtherTraining) {
			return ErrOtherTraining
		}
		return err
	}
	next.done = next.over()
	*t = next
	return nil
}

// readBest reads the best weights of a state, if it has some.
func (t *training) readBest(f *weights.File, best int) ([][]float32, error) {
	if best < 0 {
		return nil, nil
	}
	var values [][]float32
	for _, p := range t.all() {
		tensor, ok := f.Tensor(bestPrefix + p.Name)
		if !ok || !slices.Equal(tensor.Shape, []int{len(p.Value)}) {
			return nil, ErrOtherTraining
		}
		x, err := tensor.AppendFloat32(nil)
		if err != nil {
			return nil, err
		}
		values = append(values, x)
	}
	return values, nil
}

// sound tells whether a training can stand where it is said to stand.
func (t *training) sound(batch int) bool {
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
	return 0 <= t.epoch && t.epoch <= epochs && 0 <= batch && batch <= t.batches() &&
		(t.epoch < epochs || batch == 0)
}
