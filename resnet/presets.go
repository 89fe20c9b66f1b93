package resnet

import (
	"fmt"
	"slices"
)

// preset is a network that has a name.
type preset struct {
	name   string
	config Config
}

// presets lists the known networks in the order in which a chooser should show them.
var presets = makePresets()

// makePresets lists the networks of the papers on ResNets. The norms' ε is 1e-5, PyTorch's.
func makePresets() []preset {
	depths := []struct {
		depth  int
		block  Block
		layers []int
	}{
		{18, Basic, []int{2, 2, 2, 2}}, {34, Basic, []int{3, 4, 6, 3}},
		{50, Bottleneck, []int{3, 4, 6, 3}}, {101, Bottleneck, []int{3, 4, 23, 3}},
		{152, Bottleneck, []int{3, 8, 36, 3}},
	}
	imageNet := func(block Block, layers []int) Config {
		c := Config{Block: block, Layers: layers, Width: 64, Expansion: 1, Stem: StemImageNet, NormEpsilon: 1e-5,
			Join: JoinAdd, Classes: 1000}
		if block == Bottleneck {
			c.Expansion, c.StrideIn = 4, StrideIn3x3
		}
		return c
	}
	var out []preset
	add := func(name string, c Config) { out = append(out, preset{name, c}) }

	for _, d := range depths { // torchvision's: "v1.5"
		add(fmt.Sprintf("resnet%d", d.depth), imageNet(d.block, d.layers))
	}
	for _, d := range depths[2:] { // as in the first paper; in basic blocks the stride has only one place
		c := imageNet(d.block, d.layers)
		c.StrideIn = StrideIn1x1
		add(fmt.Sprintf("resnet%d_v1", d.depth), c)
	}
	for _, d := range depths { // pre-activation: "v2"
		c := imageNet(d.block, d.layers)
		c.PreActivation = true
		add(fmt.Sprintf("resnet%d_v2", d.depth), c)
	}
	next := imageNet(Bottleneck, depths[2].layers)
	next.Groups, next.GroupWidth = 32, 4
	add("resnext50_32x4d", next)
	wide := imageNet(Bottleneck, depths[2].layers)
	wide.GroupWidth = 128
	add("wide_resnet50_2", wide)
	for _, n := range []int{3, 5, 7, 9, 18} { // three stages of n blocks, 6n+2 layers (He and others 2016, section 4.2)
		c := imageNet(Basic, []int{n, n, n})
		c.Width, c.Stem, c.Shortcut, c.Classes = 16, StemCIFAR, ShortcutPad, 10
		add(fmt.Sprintf("resnet%d", 6*n+2), c)
	}
	for _, d := range depths[:2] { // no norm behind a block's second convolution, no ReLU in the stem
		c := imageNet(d.block, d.layers)
		c.LinearStem, c.NoLastNorm = true, true
		add(fmt.Sprintf("article%d", d.depth), c)
	}
	return out
}

// Preset gives a network by its name, one of PresetNames; the names are torchvision's where it has one, such as
// "resnet18". Only Classes is free to change. The pictures are usually of its InputSize.
func Preset(name string) (Config, error) {
	for _, p := range presets {
		if p.name == name {
			p.config.Layers = slices.Clone(p.config.Layers)
			return p.config, nil
		}
	}
	return Config{}, fmt.Errorf("there is no network %q; the known ones are %q", name, PresetNames())
}

// PresetNames lists the names of all presets:
//
//	resnet18 … resnet152              torchvision's, whose bottlenecks have the stride in the 3×3 ("v1.5")
//	resnet50_v1 … resnet152_v1        the stride in the first 1×1
//	resnet18_v2 … resnet152_v2        pre-activation
//	resnext50_32x4d, wide_resnet50_2
//	resnet20, 32, 44, 56, 110         for pictures of 32×32, shortcuts without weights
//	article18, article34              basic blocks without their last norm, a stem without ReLU
func PresetNames() []string {
	var names []string
	for _, p := range presets {
		names = append(names, p.name)
	}
	return names
}

// Name is the name of the preset with this structure, ignoring classes and ε; "" if there is none.
func (c Config) Name() string {
	for _, p := range presets {
		like := p.config
		like.Classes, like.NormEpsilon = c.Classes, c.NormEpsilon
		if like.equal(c) {
			return p.name
		}
	}
	return ""
}

// equal reports whether two configurations have the same tensors and the same layers.
func (c Config) equal(d Config) bool {
	return c.Block == d.Block && slices.Equal(c.Layers, d.Layers) && c.Width == d.Width && c.Expansion == d.Expansion &&
		(c.Block == Basic || c.StrideIn == d.StrideIn) && c.Stem == d.Stem && c.Join == d.Join &&
		c.NoNorm == d.NoNorm && (c.NoNorm || c.NormEpsilon == d.NormEpsilon) && c.Activation == d.Activation &&
		c.Classes == d.Classes && c.groups() == d.groups() && c.groupWidth() == d.groupWidth() &&
		c.StemReLU() == d.StemReLU() &&
		(c.PreActivation || c.NoNorm || c.NoLastNorm == d.NoLastNorm) && c.Shortcut == d.Shortcut &&
		c.PreActivation == d.PreActivation && slices.Equal(c.HeadBlocks, d.HeadBlocks)
}
