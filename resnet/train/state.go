package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// stateKey is where a state's metadata has its position.
const stateKey = "residua.train"

// position is what a training's state has beside weights.
type position struct {
	Step      int
	Pictures  int
	Optimizer string
	Settings  Settings
	Network   *resnet.Config `json:",omitempty"` // of a Net
	Frozen    int            `json:",omitempty"`
}

// ErrOtherTraining says that a state is of a training with other settings, other pictures or another network.
var ErrOtherTraining = errors.New("train: this state is of another training")

// The prefixes of the tensors' names in a state; behind momentPrefix comes the moment's number.
const (
	valuePrefix  = "value."
	momentPrefix = "moment"
)

// position is where the training stands, as JSON.
func (t *Trainer) position(step int) ([]byte, error) {
	p := position{
		Step: step, Pictures: len(t.pictures.Labels), Optimizer: t.settings.Optimizer.name(), Settings: t.settings,
	}
	if n, ok := t.net.(*Net); ok {
		p.Network, p.Frozen = &n.Config, n.frozen
	}
	return json.Marshal(p)
}

// saved is a tensor of a state.
type saved struct {
	name   string
	param  *Param
	values []float32
}

// saved lists a state's tensors as they are now.
func (t *Trainer) saved() []saved {
	var out []saved
	for i, p := range t.net.Params() {
		out = append(out, saved{valuePrefix + p.Name, p, p.Value})
		for k, m := range t.moments[i] {
			out = append(out, saved{fmt.Sprintf("%s%d.%s", momentPrefix, k+1, p.Name), p, m})
		}
	}
	for _, p := range t.net.Statistics() {
		out = append(out, saved{valuePrefix + p.Name, p, p.Value})
	}
	return out
}

// State gives all that a training needs to go on, as a safetensors file: the weights under their names after "value.",
// the optimiser's moments after "moment1." and "moment2.", and the step. It may be taken between steps, but not after
// one that panicked. Numbers that are not finite, as a training can have that diverges, are an error.
func (t *Trainer) State() ([]byte, error) {
	f, err := t.StateFile()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = f.Write(&b)
	return b.Bytes(), err
}

// StateFile is State before it is written.
func (t *Trainer) StateFile() (*weights.File, error) {
	metadata, floats, err := t.StateFloats()
	if err != nil {
		return nil, err
	}
	var tensors []weights.Tensor
	for _, f := range floats {
		tensor, err := weights.NewTensor(f.Name, weights.F32, f.Shape, f.Values())
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, tensor)
	}
	return weights.NewFile(metadata, tensors)
}

// StateFloats is State before anything is encoded, so that it takes hardly any memory. What it gives is good until the
// next step.
func (t *Trainer) StateFloats() (metadata map[string]string, tensors []weights.Floats, err error) {
	text, err := t.position(t.step)
	for _, s := range t.saved() {
		tensors = append(tensors, weights.Floats{
			Name: s.name, Shape: s.param.Shape, Values: func() []float32 { return s.param.torch(s.values) },
		})
	}
	return map[string]string{stateKey: string(text)}, tensors, err
}

// Restore puts a state back into a training that was made anew with the same arguments. From there it goes on to the
// very same result. After an error the training is as it was before; ErrOtherTraining is that of a state that does not
// belong here.
func (t *Trainer) Restore(state []byte) error {
	f, err := weights.Parse(state)
	if err != nil {
		return err
	}
	return t.RestoreFile(f)
}

// RestoreFile is Restore of a file that is already parsed. What is not of StateFile does not matter.
func (t *Trainer) RestoreFile(f *weights.File) error {
	text, ok := f.Metadata[stateKey]
	if !ok {
		return ErrOtherTraining
	}
	step, ok := StateSteps(f)
	if !ok {
		return errors.New("train: the state of the training is not readable")
	}
	// A training that stood at the same step here would have the very same text.
	want, err := t.position(step)
	if err != nil {
		return err
	}
	if string(want) != text || step < 0 || step > t.settings.Steps {
		return ErrOtherTraining
	}
	places := t.saved()
	tensors := make([]weights.Tensor, len(places))
	for i, s := range places {
		tensor, ok := f.Tensor(s.name)
		if !ok || !slices.Equal(tensor.Shape, s.param.Shape) {
			return ErrOtherTraining
		}
		if err := tensor.CheckFinite(); err != nil {
			return err
		}
		tensors[i] = tensor
	}
	for i, s := range places { // a tensor at a time: decoded, all of them would be as much as the training itself
		values, err := tensors[i].AppendFloat32(nil)
		if err != nil {
			panic(err) // cannot happen: they are finite
		}
		s.param.setTorch(s.values, values)
	}
	t.step, t.diverged, t.unfinished = step, false, nil
	return nil
}

// torch gives values that are ordered as Value in the order of Shape, which is PyTorch's.
func (p *Param) torch(values []float32) []float32 {
	if !p.channelsLast() {
		return values
	}
	return op.FromChannelsLast(values, p.Shape[0], p.Shape[1], p.Shape[2]*p.Shape[3])
}

// setTorch sets values that are ordered as Value from x, in the order of Shape.
func (p *Param) setTorch(values, x []float32) {
	if p.channelsLast() {
		x = op.ToChannelsLast(x, p.Shape[0], p.Shape[1], p.Shape[2]*p.Shape[3])
	}
	copy(values, x)
}

// StateSteps is how many steps are done in a state, as StateFile gives it; false if it is none.
func StateSteps(f *weights.File) (steps int, ok bool) {
	var p struct{ Step *int }
	if err := json.Unmarshal([]byte(f.Metadata[stateKey]), &p); err != nil || p.Step == nil {
		return 0, false
	}
	return *p.Step, true
}
