package web

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/seed8935e608/residua/weights"
)

// A head is the content of an upload: a classifier on a network's features, as resnet/transfer writes it to a
// safetensors file (its Taught without a block). The server does not import resnet/transfer, because it would then
// contain the network. A test checks that both write the same bytes.
type head struct {
	card    headCard
	tensors []weights.Tensor // in the order of the canonical file
}

// headCard is the JSON in the metadata.
type headCard struct {
	Version     int      `json:"version"` // 2 with Blocks, 1 without
	Model       string   `json:"model"`
	Classes     []string `json:"classes"`
	Strength    float64  `json:"strength"`
	Temperature float64  `json:"temperature"`
	Limit       *float64 `json:"limit"` // the threshold; nil: none
	Keep        float64  `json:"keep"`
	N           int      `json:"n"`
	Mirrored    bool     `json:"mirrored,omitempty"`
	Blocks      []int    `json:"blocks,omitempty"` // whose means are the features; empty: the last block's
	// Depth and Norms say that the file has trained blocks, or statistics of norms. Those are refused.
	Depth int  `json:"depth,omitempty"`
	Norms bool `json:"norms,omitempty"`
}

const (
	headKey = "residua.taught" // the metadata's only key

	maxHeader = 16 << 10 // of the file, in bytes
)

// channels has, for each network for which heads can be shared, the number of channels of each block.
var channels = map[string][]int{"resnet50": resnet50Channels, "resnet50-int8": resnet50Channels}

var resnet50Channels = []int{
	256, 256, 256, 512, 512, 512, 512, 1024, 1024, 1024, 1024, 1024, 1024, 2048, 2048, 2048,
}

// features is how many numbers of a picture the head classifies.
func (c *headCard) features() int {
	of, d := channels[c.Model], 0
	if len(c.Blocks) == 0 {
		return of[len(of)-1]
	}
	for _, b := range c.Blocks {
		d += of[b]
	}
	return d
}

// readHead parses an upload. It trusts nothing: every byte of the result has been checked, and no allocation depends on
// a number that the file only claims.
func readHead(file []byte) (*head, *refusal) {
	if len(file) >= 8 {
		if n := binary.LittleEndian.Uint64(file); n > maxHeader {
			return nil, notHead("The file's header claims %d bytes; a share's has at most %d.", n, maxHeader)
		}
	}
	f, err := weights.Parse(file)
	if err != nil {
		return nil, refuse(http.StatusUnprocessableEntity, "not-safetensors", "This is no sound safetensors file: %s.",
			strings.TrimPrefix(err.Error(), "weights: "))
	}
	h := &head{}
	if no := h.readCard(f.Metadata); no != nil {
		return nil, no
	}
	d, classes := h.card.features(), len(h.card.Classes)
	take := func(name string, shape ...int) *refusal {
		t, ok := f.Tensor(name)
		switch {
		case !ok:
			return notHead("The tensor %s is missing.", name)
		case t.DType != weights.F32:
			return notHead("The tensor %s is %s; it must be F32.", name, t.DType)
		case !slices.Equal(t.Shape, shape):
			return notHead("The tensor %s has the shape %v; with %d classes it must be %v.", name, t.Shape, classes,
				shape)
		case !finite(t.Data):
			return refuse(http.StatusUnprocessableEntity, "not-finite",
				"The tensor %s holds a value that is not finite.", name)
		}
		h.tensors = append(h.tensors, t)
		return nil
	}
	want := []struct {
		name  string
		shape []int
	}{{"head.mean", []int{d}}, {"head.std", []int{d}}, {"head.weight", []int{classes, d}},
		{"head.bias", []int{classes}}}
	if h.card.Limit != nil {
		// One row for each class that had pictures.
		rows := classes
		if means, _ := f.Tensor("threshold.means"); len(means.Shape) > 0 && means.Shape[0] >= 1 {
			rows = min(rows, means.Shape[0])
		}
		want = append(want, struct {
			name  string
			shape []int
		}{"threshold.means", []int{rows, d}})
	}
	for _, w := range want {
		if no := take(w.name, w.shape...); no != nil {
			return nil, no
		}
	}
	if len(f.Tensors()) > len(want) {
		return nil, notHead("The file has %d tensors; a head has %d, and nothing else can be shared.", len(f.Tensors()),
			len(want))
	}
	if !positive(h.tensors[1].Data) {
		return nil, notHead("The tensor head.std holds a deviation that is not above 0.")
	}
	return h, nil
}

// readCard parses and checks the metadata.
func (h *head) readCard(metadata map[string]string) *refusal {
	text, ok := metadata[headKey]
	if !ok || len(metadata) != 1 {
		return notHead("The file is none that Residua's Teach has made: its metadata should hold %s and nothing else.",
			headKey)
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	c := &h.card
	if err := decoder.Decode(c); err != nil || decoder.InputOffset() != int64(len(text)) {
		return notHead("The file's description is not readable.")
	}
	between := func(x, low, high float64) bool { return x >= low && x <= high }
	switch {
	case c.Version != 1 && c.Version != 2 || (c.Version == 2) != (len(c.Blocks) > 0):
		return notHead("The file's version is %d, with %d blocks; this host knows 1, without any, and 2.", c.Version,
			len(c.Blocks))
	case c.Depth != 0 || c.Norms:
		return notHead("The classifier goes with blocks that were trained, or with statistics of its own for the " +
			"norms; only one that goes with the network as it is can be shared.")
	case channels[c.Model] == nil:
		return notHead("The file was taught on the network %.40q, which this host does not know.", c.Model)
	case !c.hasBlocks():
		return notHead("The head stands on the blocks %v; the host takes some of 0 to %d, once each and in ascending "+
			"order.", c.Blocks[:min(len(c.Blocks), 20)], len(channels[c.Model])-1)
	case len(c.Classes) < 2:
		return notHead("A head tells at least two classes apart; this file has %d.", len(c.Classes))
	case !between(c.Strength, 0, math.MaxFloat64) || !(c.Temperature > 0) || !between(c.Keep, 0, 1) || c.N < 0:
		return notHead("The file's description holds a number out of range.")
	case c.Limit != nil && !between(*c.Limit, 0, 2):
		return notHead("The file's limit is %v; distances are from 0 to 2.", *c.Limit)
	}
	if c.Limit == nil {
		c.Keep, c.N = 0, 0 // they describe the threshold only
	}
	for i, label := range c.Classes {
		if why := badLabel(label); why != "" {
			return refuse(http.StatusUnprocessableEntity, "bad-label", "The name of class %d cannot be shared: %s.",
				i+1, why)
		}
	}
	return nil
}

// hasBlocks reports whether the network has the head's blocks, which are listed in ascending order.
func (c *headCard) hasBlocks() bool {
	for i, b := range c.Blocks {
		if b < 0 || b >= len(channels[c.Model]) || i > 0 && b <= c.Blocks[i-1] {
			return false
		}
	}
	return true
}

// encode writes the head as a new file. Equal content gives equal bytes.
func (h *head) encode() ([]byte, error) {
	text, err := json.Marshal(h.card)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = weights.Write(&b, map[string]string{headKey: string(text)}, h.tensors)
	return b.Bytes(), err
}

func notHead(format string, values ...any) *refusal {
	return refuse(http.StatusUnprocessableEntity, "not-a-head", format, values...)
}

// finite reports whether little-endian float32 values are all finite.
func finite(data []byte) bool {
	return every(data, func(bits uint32) bool { return bits&0x7f800000 != 0x7f800000 })
}

// positive reports whether they are all above 0. finite must have checked them before.
func positive(data []byte) bool {
	return every(data, func(bits uint32) bool { return bits != 0 && bits>>31 == 0 })
}

func every(data []byte, ok func(bits uint32) bool) bool {
	for ; len(data) > 0; data = data[4:] {
		if !ok(binary.LittleEndian.Uint32(data)) {
			return false
		}
	}
	return true
}
