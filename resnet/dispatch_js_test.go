package resnet

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/weights"
)

// TestDispatch pins which kernel each convolution gets under js/wasm. A change needs the benchmark's word for it (./build.sh bench --layers).
func TestDispatch(t *testing.T) {
	preset := func(name string, layers ...int) *Model { // with other layers, if any
		c, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if layers != nil {
			c.Layers = layers
		}
		var zeros []weights.Tensor
		for _, x := range c.Tensors() {
			n := 4
			for _, d := range x.Shape {
				n *= d
			}
			zeros = append(zeros, weights.Tensor{Name: x.Name, DType: weights.F32, Shape: x.Shape, Data: make([]byte, n)})
		}
		card := smallCard
		card.InputSize, card.ShortSide = c.InputSize(), 256
		m, err := Load(encode(t, c, card, zeros))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	inInt8 := func(m *Model) *Model {
		m, err := load(inEightBits(t, m.file), true)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for name, c := range map[string]struct {
		load func() *Model
		want string // runs of equal algorithms, in the order of the network
	}{
		// The stem; then by blocks [projection] 1×1 3×3 1×1. In the last stage 49 positions are 10 tiles of 5 rows, and 9 of 6 would waste more.
		"ResNet-50": {func() *Model { return model(t, false) }, "3 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 3 direct 6, 1 winograd, " +
			"2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 3 direct 6, 1 winograd, 2 direct 6, 1 winograd, " +
			"2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 2 direct 6, 1 winograd, 1 direct 6, 2 direct 5, 1 winograd, " +
			"2 direct 5, 1 winograd, 2 direct 5, 1 winograd, 1 direct 5"},
		// The stem; then 3×3s, direct where they shrink the picture, after a projection.
		"ResNet-18": {func() *Model { return preset("resnet18") }, "1 direct 6, 4 winograd, 2 direct 6, 3 winograd, 2 direct 6, 3 winograd, 2 direct 5, 3 winograd"},
		// Its 3×3s are grouped: four channels of stage 1 side by side with the next group's four, later a group's in panels of their own.
		"ResNeXt-50": {func() *Model { return preset("resnext50_32x4d") }, "3 direct 6, 1 paired 6, 2 direct 6, 1 paired 6, 2 direct 6, 1 paired 6, 3 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, " +
			"3 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 2 direct 6, 1 grouped 6, 1 direct 6, 1 direct 5, " +
			"1 direct 6, 1 grouped 5, 2 direct 5, 1 grouped 5, 2 direct 5, 1 grouped 5, 1 direct 5"},
		// Twice as wide inside of the blocks, which changes nothing; three stages of it, as all is a gigabyte.
		"Wide ResNet": {func() *Model { return preset("wide_resnet50_2", 1, 2, 1) }, "3 direct 6, 1 winograd, 6 direct 6, 1 winograd, 5 direct 6"},
		// The stem's taps are rows of 9 floats; 32×32, 16×16 and 8×8 are whole tiles of Winograd's.
		"ResNet-20": {func() *Model { return preset("resnet20") }, "1 direct 6, 6 winograd, 1 direct 6, 5 winograd, 1 direct 5, 5 winograd"},
		// In eight bits all but the stem, whose input has signs; the 3×3s directly too. A block of each stage. A
		// machine's tiles are its own (kernel.int8Tile).
		"ResNet-50 in eight bits": {func() *Model { return inInt8(preset("resnet50", 1, 1, 1, 1)) }, "1 direct 6, 16 int8"},
		// Groups stay in float32.
		"ResNeXt-50 in eight bits": {func() *Model { return inInt8(preset("resnext50_32x4d", 1, 1)) }, "1 direct 6, 2 int8, 1 paired 6, 3 int8, 1 grouped 6, 1 int8"},
	} {
		runtime.GC() // the last network goes first
		m := c.load()
		var runs []string
		count, last := 0, ""
		flush := func() {
			if count > 0 {
				runs = append(runs, fmt.Sprint(count, " ", last))
			}
		}
		for _, l := range m.Profile(make([]float32, m.InputLen()), 1) {
			algorithm := l.Algorithm
			if strings.HasPrefix(algorithm, "int8") {
				algorithm = "int8"
			}
			if algorithm != last {
				flush()
				count, last = 0, algorithm
			}
			count++
		}
		flush()
		if got := strings.Join(runs, ", "); got != c.want {
			t.Errorf("%s gets\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
