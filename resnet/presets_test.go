package resnet

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestPresets counts each network's parameters without running statistics, as the papers and torchvision give them, its
// convolutions, and the layers in its name.
func TestPresets(t *testing.T) {
	want := map[string]struct {
		parameters, layers int
	}{
		"resnet18": {11689512, 18}, "resnet34": {21797672, 34}, "resnet50": {25557032, 50},
		"resnet101": {44549160, 101},
		"resnet152": {60192808, 152}, "resnet50_v1": {25557032, 50}, "resnet101_v1": {44549160, 101},
		"resnet152_v1":    {60192808, 152},
		"resnext50_32x4d": {25028904, 50}, "wide_resnet50_2": {68883240, 50},
		// Table 6 of He and others (2016) has 0.27 M, 0.46 M, 0.66 M, 0.85 M and 1.7 M.
		"resnet20": {269722, 20}, "resnet32": {464154, 32}, "resnet44": {658586, 44}, "resnet56": {853018, 56},
		"resnet110": {1727962, 110},
		// Less two values for each channel of each block's output.
		"article18": {11689512 - 3840, 18}, "article34": {21797672 - 7552, 34},
		// Pre-activation has one norm more at the end, none in the stem and in the projections, and a block's first
		// norm has the channels of the block's input.
		"resnet18_v2": {11687720, 18}, "resnet34_v2": {21795880, 34}, "resnet50_v2": {25549352, 50},
		"resnet101_v2": {44541480, 101},
		"resnet152_v2": {60185128, 152},
	}
	names := PresetNames()
	if len(names) != len(want) {
		t.Errorf("%d presets, want %d", len(names), len(want))
	}
	for _, name := range names {
		c, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := c.Name(); got != name {
			t.Errorf("%s is taken for %q", name, got)
		}
		parameters, layers := (c.Features()+1)*c.Classes, 1
		norm := func(name string, channels int) {
			if name != "" {
				parameters += 2 * channels
			}
		}
		conv := func(s ConvSpec) {
			shape := s.Shape()
			parameters += shape[0] * shape[1] * shape[2] * shape[3]
			norm(s.Norm, s.Out)
		}
		conv(c.StemConv())
		layers++
		for _, b := range c.Blocks() {
			norm(b.Norm, b.In)
			for _, s := range b.Residual {
				conv(s)
				layers++
			}
			if b.Projection != nil {
				conv(*b.Projection)
			}
		}
		norm(c.LastNorm(), c.Features())
		if w := want[name]; parameters != w.parameters || layers != w.layers {
			t.Errorf("%s has %d parameters in %d layers, want %v", name, parameters, layers, w)
		}
		c.Layers[0] = 99
		if again, _ := Preset(name); again.Layers[0] == 99 {
			t.Errorf("%s can be changed", name)
		}
	}
	if _, err := Preset("resnet19"); err == nil || !strings.Contains(err.Error(), `no network "resnet19"`) {
		t.Errorf("an unknown name gives %v", err)
	}
	if name := (Config{Block: Basic, Layers: []int{1}, Width: 3, Expansion: 1}).Name(); name != "" {
		t.Errorf("a network of no name is taken for %q", name)
	}
	keras := ResNet50
	if keras.Classes = 5; keras.Name() != "resnet50_v1" {
		t.Errorf("Keras's ResNet-50 is taken for %q", keras.Name())
	}
}

// TestConfigJSON: files that older versions wrote keep their meaning, and a configuration can be written and read back.
func TestConfigJSON(t *testing.T) {
	old := `{"block":"bottleneck","layers":[3,4,6,3],"width":64,"expansion":4,"strideIn":"1x1",` +
		`"stem":"imagenet","normEpsilon":0.001,"join":"add","classes":1000}`
	c, err := parseConfig(old)
	if err != nil || !c.equal(ResNet50) {
		t.Errorf("read as %+v (%v)", c, err)
	}
	if text, err := json.Marshal(c); err != nil || string(text) != old {
		t.Errorf("written again it is %s (%v)", text, err)
	}
	for _, name := range PresetNames() {
		c, _ := Preset(name)
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseConfig(string(text))
		if err != nil || !again.equal(c) || !slices.EqualFunc(again.Blocks(), c.Blocks(), func(a, b BlockSpec) bool {
			return a.Name == b.Name && a.Norm == b.Norm && a.Pad == b.Pad && slices.Equal(a.Residual, b.Residual) &&
				(a.Projection == nil) == (b.Projection == nil)
		}) {
			t.Errorf("%s: %s is read as %+v (%v)", name, text, again, err)
		}
	}
}
