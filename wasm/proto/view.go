package proto

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// The messages of the view, the canvas that shows a trace, or the networks of the Skip lab.
//
// Messages with pictures or many numbers are binary and little-endian. The engine writes those of a trace, in Go, and
// the page those of the lab, by web/static/zviewcodec.js, which is generated. The view reads both; of a trace's
// messages JavaScript reads only the kind. A message is an ArrayBuffer: a byte ViewVersion, a byte ViewKind, then the
// message's fields in their order, and nothing else. An int is a uint32 below 2³¹ or, where its comment says so, a
// uint16. A list begins with its length as a uint32, a string with its length in bytes as a uint16. Pictures are rows
// of bytes from the top; RGB is three bytes for each pixel.
//
// A byte p of a map stands for the value Lo + (Hi−Lo)·p/255.
//
// ViewState and ViewEvent, the messages between the page and the view, are small and few, so they are JSON: see
// view_state.go.

// ViewVersion is the version of the binary messages' format.
const ViewVersion = 1

// ViewKind is the kind of a binary message.
type ViewKind byte

// The binary messages. A request goes from the view to the engine; the lab's come from the page: see view_lab.go.
const (
	ViewKindOverview ViewKind = 1 + iota
	ViewKindChannels
	ViewKindOverlay
	ViewKindSweep
	ViewKindRequest
	ViewKindLab
	ViewKindSignal
	ViewKindStep
	ViewKindLandscape
	ViewKindPaths
)

// The limits of a valid message. The widest known network has a quarter of these blocks and channels.
const (
	MaxViewBlocks   = 256
	MaxViewChannels = 1 << 14
	MaxViewTile     = 28   // a side of an overview's tile
	MaxViewSide     = 1024 // a side of any other picture
	MaxViewPage     = 256  // channels in one ViewChannels
	MaxViewClasses  = 100_000
)

// ViewMessage is a binary message.
type ViewMessage interface {
	kind() ViewKind
	write(*viewWriter)
	read(*viewReader)
	check() error
}

// ViewOverview summarises a photo's trace: what every block does to it.
type ViewOverview struct {
	Trace    int // a number, new for each photo and each ablation
	Photo    ViewPicture
	Filters  []ViewPicture // the stem's filters, as colours
	Stem     ViewTiles     // the stem's strongest channels, as they enter the first block
	Blocks   []ViewBlock   // from input to output
	Features ViewFeatures
	Top      []ViewClass // most probable first
}

// ViewPicture is a picture in colour.
type ViewPicture struct {
	Height, Width int    // as uint16
	RGB           []byte // without a length
}

// ViewTiles are some channels, each mean-pooled to the same small size.
type ViewTiles struct {
	Height, Width int // as uint16, of each tile, at most MaxViewTile
	Tiles         []ViewTile
}

// ViewTile is one channel, shrunk. It has its own scale, so that weak channels can be seen too.
type ViewTile struct {
	Channel int
	Scale   ViewScale
	Map     []byte // Height×Width; without a length
}

// ViewScale gives the values that the bytes 0 and 255 stand for.
type ViewScale struct{ Lo, Hi float32 }

// Value is the value that a byte stands for.
func (s ViewScale) Value(p byte) float64 {
	return float64(s.Lo) + (float64(s.Hi)-float64(s.Lo))*float64(p)/255
}

// ViewBlock is a residual block: x as it enters the sum, F(x), and y = ReLU(x + F(x)).
type ViewBlock struct {
	Name                string // "layer1.0"
	Stage               int    // as uint16, from 1
	Height, Width       int    // as uint16, of y
	Channels            int
	Projection          bool    // as a byte: whether x goes through a convolution to the sum
	NormX, NormF, NormY float32 // Euclidean
	Cosine              float32 // of the angle between x and F(x)
	Tiles               ViewTiles
}

// ViewFeatures are the means of the last block's channels over their positions.
type ViewFeatures struct {
	Scale ViewScale
	Bytes []byte
}

// ViewClass is one of the predicted classes.
type ViewClass struct {
	Index       int
	Probability float32
	Label       string
}

// Tensor is one of the four tensors of a block that the view shows.
type Tensor int

// The tensors, in the order of ViewChannels.Maps.
const (
	TensorX   Tensor = iota // as it enters the sum
	TensorF                 // F(x)
	TensorSum               // x + F(x)
	TensorY                 // ReLU(x + F(x))
	Tensors   = 4
)

// ViewSort is the order of a block's channels.
type ViewSort byte

const (
	SortEnergy ViewSort = iota // Σ y² over the positions, largest first
	SortClass                  // contribution to a class, largest first
)

// ViewChannels is a page of a block's channels in full resolution. It answers a ViewRequest and repeats it, but First
// is always the position of the first channel, and Count how many there are: the last page may be short.
type ViewChannels struct {
	ViewRequest
	Total         int // channels of the block
	Height, Width int // as uint16
	Channels      []uint32
	Scales        [Tensors]ViewScale // of the whole block, so equal on all of its pages
	Maps          [Tensors][]byte    // Count × Height × Width; without a length
}

// Map is one channel's map of one tensor.
func (m *ViewChannels) Map(t Tensor, i int) []byte {
	size := m.Height * m.Width
	return m.Maps[t][i*size : (i+1)*size : (i+1)*size]
}

// ViewRequest asks for a page of a block's channels. The view sends it to the engine.
type ViewRequest struct {
	Trace, Block int
	Sort         ViewSort
	Class        int // for SortClass
	First, Count int // of the page, in this order
	// Containing is 0 if the page starts at First. Else First is ignored, and the page of Count channels is the one
	// that contains channel Containing−1.
	Containing int
}

// ViewOverlay is a map over the photo. ViewState says how it is coloured.
type ViewOverlay struct {
	Trace         int
	Height, Width int // as uint16; both 0: no overlay
	Scale         ViewScale
	Map           []byte // without a length
}

// ViewSweep is a class's probability with the whole network, and with each block's F(x) left out in turn.
type ViewSweep struct {
	Trace, Class int
	Base         float32
	Without      []float32 // one for each block
}

func (*ViewOverview) kind() ViewKind { return ViewKindOverview }
func (*ViewChannels) kind() ViewKind { return ViewKindChannels }
func (*ViewOverlay) kind() ViewKind  { return ViewKindOverlay }
func (*ViewSweep) kind() ViewKind    { return ViewKindSweep }
func (*ViewRequest) kind() ViewKind  { return ViewKindRequest }

// EncodeView encodes a message. It panics if DecodeView would refuse the message.
func EncodeView(m ViewMessage) []byte {
	if err := m.check(); err != nil {
		panic("proto: EncodeView: " + err.Error())
	}
	w := viewWriter{ViewVersion, byte(m.kind())}
	m.write(&w)
	return w
}

// DecodeView decodes a message, and returns an error if it is not valid. The message's slices alias b.
func DecodeView(b []byte) (ViewMessage, error) {
	m, err := decodeView(b)
	if err != nil {
		return nil, fmt.Errorf("a message to the view: %w", err)
	}
	return m, nil
}

func decodeView(b []byte) (ViewMessage, error) {
	if len(b) < 2 {
		return nil, errViewShort
	}
	if b[0] != ViewVersion {
		return nil, fmt.Errorf("version %d, want %d", b[0], ViewVersion)
	}
	var m ViewMessage
	switch ViewKind(b[1]) {
	case ViewKindOverview:
		m = new(ViewOverview)
	case ViewKindChannels:
		m = new(ViewChannels)
	case ViewKindOverlay:
		m = new(ViewOverlay)
	case ViewKindSweep:
		m = new(ViewSweep)
	case ViewKindRequest:
		m = new(ViewRequest)
	case ViewKindLab:
		m = new(ViewLab)
	case ViewKindSignal:
		m = new(ViewSignal)
	case ViewKindStep:
		m = new(ViewStep)
	case ViewKindLandscape:
		m = new(ViewLandscape)
	case ViewKindPaths:
		m = new(ViewPaths)
	default:
		return nil, fmt.Errorf("unknown kind %d", b[1])
	}
	r := viewReader{b: b[2:]}
	m.read(&r)
	if r.err != nil {
		return nil, r.err
	}
	if len(r.b) > 0 {
		return nil, fmt.Errorf("%d bytes too many", len(r.b))
	}
	return m, m.check()
}

var (
	errViewShort = errors.New("too short")
	errViewFlag  = errors.New("a flag that is neither 0 nor 1")
	errViewInt   = errors.New("a number of 2³¹ or more")
)

// Both ends use the checks below. The reader has already checked the lengths of lists.

func (m *ViewOverview) check() error {
	blocks, filters, features, classes := len(m.Blocks), len(m.Filters), len(m.Features.Bytes), len(m.Top)
	if blocks > MaxViewBlocks || filters > MaxViewChannels || features > MaxViewChannels || classes > MaxViewPage {
		return fmt.Errorf("%d blocks, %d filters, %d features, %d classes", blocks, filters, features, classes)
	}
	faults := []error{
		fits("a trace", m.Trace, 0, math.MaxInt32), m.Photo.check(MaxViewSide), m.Stem.check(),
		m.Features.Scale.check(),
	}
	for i := range m.Filters {
		faults = append(faults, m.Filters[i].check(MaxViewTile))
	}
	for i := range m.Blocks {
		faults = append(faults, m.Blocks[i].check())
	}
	for _, c := range m.Top {
		faults = append(faults,
			fits("a class", c.Index, 0, MaxViewClasses-1), probability(c.Probability), text(c.Label))
	}
	return cmp.Or(faults...)
}

func (b *ViewBlock) check() error {
	var err error
	for _, v := range [...]float32{b.NormX, b.NormF, b.NormY} {
		if !(v >= 0 && v <= math.MaxFloat32) {
			err = fmt.Errorf("a norm of %v", v)
		}
	}
	if c := b.Cosine; !(c >= -1.001 && c <= 1.001) { // rounding may exceed 1 a little
		err = fmt.Errorf("a cosine of %v", c)
	}
	return cmp.Or(err, text(b.Name), fits("a stage", b.Stage, 1, MaxViewBlocks),
		fits("a height", b.Height, 1, MaxViewSide), fits("a width", b.Width, 1, MaxViewSide),
		fits("the channels", b.Channels, 1, MaxViewChannels), b.Tiles.check())
}

func (p *ViewPicture) check(side int) error {
	if err := cmp.Or(fits("a height", p.Height, 1, side), fits("a width", p.Width, 1, side)); err != nil {
		return err
	}
	return length("a picture", p.RGB, 3*p.Height*p.Width)
}

func (t *ViewTiles) check() error {
	if len(t.Tiles) > MaxViewPage {
		return fmt.Errorf("%d tiles", len(t.Tiles))
	}
	faults := []error{
		fits("a tile's height", t.Height, 1, MaxViewTile), fits("a tile's width", t.Width, 1, MaxViewTile),
	}
	for _, tile := range t.Tiles {
		faults = append(faults, fits("a channel", tile.Channel, 0, MaxViewChannels-1), tile.Scale.check(),
			length("a tile", tile.Map, t.Height*t.Width))
	}
	return cmp.Or(faults...)
}

func (s ViewScale) check() error {
	// This holds only if both ends are finite, since infinity minus infinity is not a number. Their distance must be
	// finite too.
	if d := s.Hi - s.Lo; !(d >= 0 && d <= math.MaxFloat32) {
		return fmt.Errorf("a scale from %v to %v", s.Lo, s.Hi)
	}
	return nil
}

func (m *ViewChannels) check() error {
	faults := []error{
		m.ViewRequest.check(), fits("a height", m.Height, 1, MaxViewSide), fits("a width", m.Width, 1, MaxViewSide),
		fits("the channels", m.Total, 1, MaxViewChannels), fits("the page's end", m.First+m.Count, 1, m.Total),
	}
	if len(m.Channels) != m.Count {
		faults = append(faults, fmt.Errorf("%d channels on a page of %d", len(m.Channels), m.Count))
	}
	for _, c := range m.Channels {
		faults = append(faults, fits("a channel", int(c), 0, m.Total-1))
	}
	for t := range Tensors {
		faults = append(faults, m.Scales[t].check(), length("a tensor", m.Maps[t], m.Count*m.Height*m.Width))
	}
	return cmp.Or(faults...)
}

func (m *ViewRequest) check() error {
	return cmp.Or(fits("a trace", m.Trace, 0, math.MaxInt32), fits("a block", m.Block, 0, MaxViewBlocks-1),
		fits("a sort", int(m.Sort), 0, int(SortClass)), fits("a class", m.Class, 0, MaxViewClasses-1),
		fits("the page's first", m.First, 0, MaxViewChannels-1), fits("the page's count", m.Count, 1, MaxViewPage),
		fits("the channel to hold", m.Containing, 0, MaxViewChannels))
}

func (m *ViewOverlay) check() error {
	return cmp.Or(fits("a trace", m.Trace, 0, math.MaxInt32),
		fits("a height", m.Height, 0, MaxViewSide), fits("a width", m.Width, 0, MaxViewSide),
		fits("an empty side", min(m.Height, m.Width), min(1, m.Height+m.Width), MaxViewSide),
		m.Scale.check(), length("an overlay", m.Map, m.Height*m.Width))
}

func (m *ViewSweep) check() error {
	faults := []error{
		fits("a trace", m.Trace, 0, math.MaxInt32), fits("a class", m.Class, 0, MaxViewClasses-1), probability(m.Base),
		fits("the blocks", len(m.Without), 0, MaxViewBlocks),
	}
	for _, p := range m.Without {
		faults = append(faults, probability(p))
	}
	return cmp.Or(faults...)
}

// fits returns an error if v is not in lo…hi.
func fits(what string, v, lo, hi int) error {
	if v < lo || v > hi {
		return fmt.Errorf("%s of %d, want %d … %d", what, v, lo, hi)
	}
	return nil
}

func length(what string, b []byte, want int) error {
	if len(b) != want {
		return fmt.Errorf("%s of %d bytes, want %d", what, len(b), want)
	}
	return nil
}

func probability(p float32) error {
	if !(p >= 0 && p <= 1.001) { // a softmax may round up
		return fmt.Errorf("a probability of %v", p)
	}
	return nil
}

func text(s string) error {
	if len(s) > math.MaxUint16 || !utf8.ValidString(s) {
		return fmt.Errorf("a text of %d bytes that is too long or no UTF-8", len(s))
	}
	return nil
}
