package skiplab

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/seed8935e608/residua/resnet/train"
	"github.com/seed8935e608/residua/weights"
)

// MemoryLimit is the most memory in bytes that the networks of a lab may take together.
const MemoryLimit = 1 << 30

// ScoreEvery is after how many steps the networks are scored, on the first Judged pictures of either side.
const (
	ScoreEvery = 20
	Judged     = 256
)

// A Lab trains networks side by side: in each step all of them learn the same batch. Only one goroutine may use it.
type Lab struct {
	settings Settings
	data     split
	members  []*member
	step     int    // steps that are done by all networks that have not diverged
	sum      uint32 // see checksum; 0: not computed yet
}

// member is one of the networks.
type member struct {
	network  Network
	net      *train.Net
	trainer  *train.Trainer
	report   train.StepReport // of the last step
	diverged int              // the step, from 0, at which it left the numbers; −1: it has not
}

// New makes a lab from random weights. It returns an *Error for settings or pictures that nothing can be learnt with,
// and a *train.MemoryError if the networks would take more than MemoryLimit.
func New(s Settings, library *Library) (*Lab, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	data, err := library.examples(s.Data)
	if err != nil {
		return nil, err
	}
	if _, err := s.checkMemory(len(data.classes)); err != nil {
		return nil, err
	}
	l := &Lab{settings: s, data: data}
	var drawn train.Drawn
	for _, n := range s.Networks {
		net, err := s.net(n, len(data.classes), &drawn)
		if err != nil {
			return nil, err
		}
		training := s.Training
		training.Seed = s.Seed
		trainer, err := train.NewTrainer(net, data.learn.pictures(), training)
		if errors.Is(err, train.ErrOneClass) {
			return nil, fault(WhyOneClass, "%s", clause(err))
		}
		if err != nil {
			return nil, fault(WhySetting, "%s", clause(err))
		}
		l.members = append(l.members, &member{network: n, net: net, trainer: trainer, diverged: -1})
	}
	return l, nil
}

// net makes a network from random weights.
func (s Settings) net(n Network, classes int, drawn *train.Drawn) (*train.Net, error) {
	c, err := n.Config(classes)
	if err != nil {
		return nil, fault(WhySetting, "%v", err)
	}
	o := s.options(n)
	o.Drawn = drawn
	net, err := train.New(c, o)
	var memory *train.MemoryError
	if err != nil && !errors.As(err, &memory) {
		return nil, fault(WhySetting, "%s", clause(err))
	}
	return net, err
}

// Memory is how many bytes network i takes in training.
func (s Settings) Memory(i, classes int) (int64, error) {
	c, err := s.Networks[i].Config(classes)
	if err != nil {
		return 0, fault(WhySetting, "%v", err)
	}
	bytes, err := train.Memory(c, s.options(s.Networks[i]))
	if err != nil {
		return 0, fault(WhySetting, "%s", clause(err))
	}
	return bytes, nil
}

// checkMemory tells how many bytes each network takes in training; a *train.MemoryError if they take too much together.
func (s Settings) checkMemory(classes int) (each []int64, err error) {
	var sum int64
	for i := range s.Networks {
		bytes, err := s.Memory(i, classes)
		if err != nil {
			return nil, err
		}
		each = append(each, bytes)
		sum += bytes
	}
	if sum > MemoryLimit {
		return nil, &train.MemoryError{Bytes: sum, Limit: MemoryLimit}
	}
	return each, nil
}

// Step does a step of every network that has not diverged. A network that diverges in it is left as it is from then on.
// If a kernel panics on the way it can be called again, and nothing is done twice.
func (l *Lab) Step() error {
	for _, m := range l.members {
		if m.diverged >= 0 || m.trainer.Steps() > l.step {
			continue
		}
		report, err := m.trainer.Step()
		if err != nil {
			if !errors.Is(err, train.ErrDiverged) {
				return err
			}
			m.diverged = l.step
		}
		m.report = report
	}
	l.step++
	return nil
}

// Done tells whether all steps are done, or all networks have diverged.
func (l *Lab) Done() bool {
	if l.step >= l.settings.Training.Steps {
		return true
	}
	for _, m := range l.members {
		if m.diverged < 0 {
			return false
		}
	}
	return true
}

// Steps is how many steps are done, and of how many.
func (l *Lab) Steps() (done, all int) { return l.step, l.settings.Training.Steps }

// Rate is that of the last step.
func (l *Lab) Rate() float64 {
	return l.settings.Training.Schedule.At(max(0, l.step-1), l.settings.Training.Steps)
}

// Pictures is how many pictures are learnt from, and how many judge.
func (l *Lab) Pictures() (learn, held int) { return l.data.learn.Len(), l.data.held.Len() }

// Classes are the names of the classes.
func (l *Lab) Classes() []string { return l.data.classes }

// Len is the number of networks.
func (l *Lab) Len() int { return len(l.members) }

// Net is a network in its present state; an *Error if there is none with this index.
func (l *Lab) Net(i int) (*train.Net, error) {
	if i < 0 || i >= len(l.members) {
		return nil, fault(WhyNoNetwork, "there is no network %d", i+1)
	}
	return l.members[i].net, nil
}

// Batch gives the first n of the pictures that are learnt from, or all, as networks take them, with their labels.
func (l *Lab) Batch(n int) (x []float32, labels []int) { return l.data.learn.batch(n) }

// File is network i as a model file, with a title for people. Its card says how the lab's pictures are prepared.
func (l *Lab) File(i int, title string) (*weights.File, error) {
	net, err := l.Net(i)
	if err != nil {
		return nil, err
	}
	if l.members[i].diverged >= 0 {
		return nil, fault(WhyNoNetwork, "network %d has diverged; its weights are no numbers", i+1)
	}
	size := l.settings.Data.Size
	return net.File(weights.Card{
		Model: "skiplab", Title: title, InputSize: size, ShortSide: size, Interpolation: "bilinear",
		ChannelOrder: "RGB", Rescale: 1. / 255, Std: [3]float32{deviation, deviation, deviation},
		Labels: l.data.classes,
	})
}

// Report is what network i did in the last step, and the step, from 0, at which it diverged; −1: it has not.
func (l *Lab) Report(i int) (last train.StepReport, diverged int) {
	return l.members[i].report, l.members[i].diverged
}

// Scores are a network's on pictures that it learns from, and on held-out ones.
type Scores struct{ Learnt, Held train.Score }

// Score scores network i on at most n pictures of either side; n = 0 is all.
func (l *Lab) Score(i, n int) Scores {
	learn, held := l.data.learn, l.data.held
	if n > 0 {
		learn, held = learn.first(n), held.first(n)
	}
	m := l.members[i]
	return Scores{m.trainer.Score(learn.pictures()), m.trainer.Score(held.pictures())}
}

// stateKey is where a lab's state has its position, and networkPrefix what stands, with the network's index, before the
// names of a network's tensors and metadata.
const (
	stateKey      = "residua.skiplab"
	networkPrefix = "network%d."
)

// position is what a state has beside the networks'.
type position struct {
	Settings Settings
	Learn    int // pictures
	Held     int
	Pictures uint32 `json:",omitempty"` // their checksum; states of earlier versions have none
	Step     int
	Diverged []int
}

func (l *Lab) position() position {
	p := position{
		Settings: l.settings, Learn: l.data.learn.Len(), Held: l.data.held.Len(), Step: l.step, Pictures: l.checksum(),
	}
	for _, m := range l.members {
		p.Diverged = append(p.Diverged, m.diverged)
	}
	return p
}

// checksum is that of the pictures and their labels: a run goes on only with the pictures that it began with.
func (l *Lab) checksum() uint32 {
	if l.sum == 0 {
		table := crc32.MakeTable(crc32.Castagnoli)
		for _, e := range []*Examples{l.data.learn, l.data.held} {
			l.sum = crc32.Update(l.sum, table, e.Pixels)
			for _, label := range e.Labels {
				l.sum = crc32.Update(l.sum, table, binary.LittleEndian.AppendUint32(nil, uint32(label)))
			}
		}
	}
	return l.sum
}

// State gives all that a lab needs to go on, as one safetensors file. Of a network that has diverged it only has that.
func (l *Lab) State() ([]byte, error) {
	text, err := json.Marshal(l.position())
	if err != nil {
		return nil, err
	}
	metadata := map[string]string{stateKey: string(text)}
	var tensors []weights.Tensor
	for i, m := range l.members {
		if m.diverged >= 0 {
			continue
		}
		f, err := m.trainer.StateFile()
		if err != nil {
			return nil, err
		}
		prefix := fmt.Sprintf(networkPrefix, i)
		for key, value := range f.Metadata {
			metadata[prefix+key] = value
		}
		for _, t := range f.Tensors() {
			t.Name = prefix + t.Name
			tensors = append(tensors, t)
		}
	}
	var b bytes.Buffer
	err = weights.Write(&b, metadata, tensors)
	return b.Bytes(), err
}

// Restore puts a state back into a lab that was made anew with the same settings and pictures. From there it goes on to
// the very same result. After an error the lab must not be used.
func (l *Lab) Restore(state []byte) error {
	f, err := weights.Parse(state)
	if err != nil {
		return fault(WhyOtherRun, "the state of the run cannot be read: %v", err)
	}
	var p, here position
	text := f.Metadata[stateKey]
	if json.Unmarshal([]byte(text), &struct {
		Step     *int
		Diverged *[]int
		Pictures *uint32
	}{&p.Step, &p.Diverged, &p.Pictures}) != nil {
		return fault(WhyOtherRun, "this is not the state of a run")
	}
	here = l.position()
	here.Step, here.Diverged = p.Step, p.Diverged
	if p.Pictures == 0 {
		here.Pictures = 0
	}
	// A lab that stood at the same step here would have the very same text.
	if want, err := json.Marshal(here); err != nil || string(want) != text || len(p.Diverged) != len(l.members) ||
		p.Step < 0 || p.Step > l.settings.Training.Steps {
		return fault(WhyOtherRun, "this state is of a run with other settings or other pictures")
	}
	for i, m := range l.members {
		if m.diverged = p.Diverged[i]; m.diverged >= 0 {
			continue
		}
		of, err := networkIn(f, fmt.Sprintf(networkPrefix, i))
		if err != nil {
			return fault(WhyOtherRun, "%v", err)
		}
		if err := m.trainer.RestoreFile(of); err != nil || m.trainer.Steps() != p.Step {
			return fault(WhyOtherRun, "the state of network %d does not fit: %v", i+1, err)
		}
	}
	l.step = p.Step
	return nil
}

// networkIn is the state of one network in that of a lab.
func networkIn(f *weights.File, prefix string) (*weights.File, error) {
	metadata := map[string]string{}
	for key, value := range f.Metadata {
		if name, ok := strings.CutPrefix(key, prefix); ok {
			metadata[name] = value
		}
	}
	var tensors []weights.Tensor
	for _, t := range f.Tensors() {
		if name, ok := strings.CutPrefix(t.Name, prefix); ok {
			t.Name = name
			tensors = append(tensors, t)
		}
	}
	return weights.NewFile(metadata, tensors)
}
