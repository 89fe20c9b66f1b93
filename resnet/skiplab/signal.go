package skiplab

import (
	"slices"

	"github.com/seed8935e608/residua/resnet/train"
)

// Signal runs a batch of pictures, each Height×Width×3, through a network and the gradient of its loss back, and tells
// how both fare layer by layer. The network is as before afterwards, but for its gradients.
func Signal(net *train.Net, x []float32, labels []int) ([]train.Layer, train.Score) {
	defer keep(net.Statistics())()
	watch := net.Watch
	net.Watch = true
	defer func() { net.Watch = watch }()
	score := net.Learn(x, labels, 0)
	return net.Layers(), score
}

// keep copies values, and returns what puts them back.
func keep(params []*train.Param) (restore func()) {
	values := make([][]float32, len(params))
	for i, p := range params {
		values[i] = append([]float32(nil), p.Value...)
	}
	return func() {
		for i, p := range params {
			copy(p.Value, values[i])
		}
	}
}

// signalPictures is how many pictures a signal is measured with. Norms see 16·4·4 values of a channel in the last stage
// of the smallest pictures, and a network of 56 layers takes some tens of milliseconds.
const signalPictures = 16

// Measured is how a signal fared in a network before any training.
type Measured struct {
	Parameters int   // weights that are learnt
	Bytes      int64 // of memory in training
	Layers     []train.Layer
	Score      train.Score // of the batch
}

// Signals measures the signal in the networks of some settings. It must not be used after its Library has got another
// set or other settings.
type Signals struct {
	library  *Library
	settings Settings
	data     split
	bytes    []int64
}

// Signals prepares to measure the signal in each network of the settings. It returns an *Error for settings or pictures
// that nothing can be learnt with, and a *train.MemoryError if the networks would take too much together.
func (l *Library) Signals(s Settings) (*Signals, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	data, err := l.examples(s.Data)
	if err != nil {
		return nil, err
	}
	bytes, err := s.checkMemory(len(data.classes))
	if err != nil {
		return nil, err
	}
	return &Signals{l, s, data, bytes}, nil
}

// Measure makes network i and runs a batch through it and back. What was measured of an equal network with the same
// seed and pictures just before is kept, and tells the same at once.
func (s *Signals) Measure(i int) (Measured, error) {
	m, err := s.library.measured.measure(s, i)
	m.Bytes = s.bytes[i]
	return m, err
}

// ForgetSignals frees the memory that Signals keep.
func (l *Library) ForgetSignals() { l.measured.forget() }

// measurements are the last signals, and networks to measure the next in. A setting most often changes one network, or
// only the weights: then nothing is computed twice, and nothing is allocated. Where four networks of 56 layers get
// other weights, making them anew and drawing equal weights four times took two fifths of the engine's time.
type measurements struct {
	list  []*measurement // at most MaxNetworks
	drawn train.Drawn
}

type measurement struct {
	of     measuredOf // zero: of nothing
	result Measured
	net    *train.Net // nil: it would take too much memory
	form   form
	bytes  int64 // of net
}

// measuredOf is what a measurement depends on.
type measuredOf struct {
	network Network
	data    Data
	seed    uint64
}

// form is what a network's buffers depend on.
type form struct {
	network       Network // without what only concerns the first weights
	size, classes int
}

// maxKeptBytes is the most memory that the networks take which are kept between two signals. Four of 56 layers and the
// lessons' width take 59 MB.
const maxKeptBytes = 64 << 20

func (m *measurements) forget() { *m = measurements{} }

// measure is Signals.Measure, but for the bytes.
func (m *measurements) measure(s *Signals, i int) (Measured, error) {
	of := s.of(i)
	for _, known := range m.list {
		if known.of == of {
			return known.result, nil
		}
	}
	at, err := m.room(s, i)
	if err != nil {
		return Measured{}, err
	}
	x, labels := s.data.learn.batch(signalPictures)
	layers, score := Signal(at.net, x, labels)
	at.result = Measured{Parameters: at.net.Parameters(), Layers: layers, Score: score}
	at.of = of
	m.limit()
	return at.result, nil
}

// of is what the signal of network i depends on.
func (s *Signals) of(i int) measuredOf {
	return measuredOf{s.settings.Networks[i], s.settings.Data, s.settings.Seed}
}

// room gives a place for the measurement of network i, with the network as New makes it. The place is one whose network
// has the same form if there is one, and none that these settings ask about.
func (m *measurements) room(s *Signals, i int) (*measurement, error) {
	n, classes := s.settings.Networks[i], len(s.data.classes)
	small := s.settings
	small.Training.Batch = signalPictures
	shape := form{n, small.Data.Size, classes}
	shape.network.Init, shape.network.ZeroLast = "", false

	free := slices.DeleteFunc(slices.Clone(m.list), func(k *measurement) bool { return s.asksFor(k.of) })
	same := slices.IndexFunc(free, func(k *measurement) bool { return k.net != nil && k.form == shape })
	if same >= 0 {
		at := free[same]
		at.of = measuredOf{}
		o := small.options(n)
		o.Drawn = &m.drawn
		at.net.Reset(o)
		return at, nil
	}
	if len(m.list) >= MaxNetworks {
		drop := free[0] // of MaxNetworks networks one has not been measured
		m.list = slices.DeleteFunc(m.list, func(k *measurement) bool { return k == drop })
	}
	net, err := small.net(n, classes, &m.drawn)
	if err != nil {
		return nil, err
	}
	small.Networks = []Network{n}
	bytes, err := small.Memory(0, classes)
	if err != nil {
		return nil, err
	}
	at := &measurement{net: net, form: shape, bytes: bytes}
	m.list = append(m.list, at)
	return at, nil
}

// asksFor tells whether a measurement is of one of the networks.
func (s *Signals) asksFor(of measuredOf) bool {
	for i := range s.settings.Networks {
		if s.of(i) == of {
			return true
		}
	}
	return false
}

// limit lets go of the networks that take more memory than is kept; the first stay.
func (m *measurements) limit() {
	var sum int64
	for _, k := range m.list {
		if k.net == nil {
			continue
		}
		if sum += k.bytes; sum > maxKeptBytes {
			sum -= k.bytes
			k.net = nil
		}
	}
}
