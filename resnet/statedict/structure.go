package statedict

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// ErrNoClassifier is in the error for a network that ends with its features.
var ErrNoClassifier = errors.New("no classifier")

// structure derives the network's Config from the tensors. verify checks afterwards that all tensors fit.
func (d *dict) structure(n *Network, hints Hints) error {
	if err := d.refuseOddNorms(); err != nil {
		return err
	}
	c := &n.Config
	stem, err := d.shape("conv1.weight", 4)
	if err != nil {
		return err
	}
	switch {
	case stem[1] != 3:
		return fmt.Errorf("tensor %.80q has the shape %v: the network wants pictures of %d channels; only red, green "+
			"and blue are known",
			d.theirs["conv1.weight"], stem, stem[1])
	case stem[2] == 7 && stem[3] == 7:
		c.Stem = resnet.StemImageNet
	case stem[2] == 3 && stem[3] == 3:
		c.Stem = resnet.StemCIFAR
	default:
		return fmt.Errorf("tensor %.80q has the shape %v: the stem's convolution must be 7×7, or 3×3 without pooling",
			d.theirs["conv1.weight"], stem)
	}
	c.Width = stem[0]
	if c.Layers, err = d.layers(); err != nil {
		return err
	}
	if err := d.blocks(c); err != nil {
		return err
	}
	c.Join = resnet.JoinAdd
	c.PreActivation = d.has("norm.running_mean")
	c.NoLastNorm = !c.PreActivation && !d.has(fmt.Sprintf("layer1.0.bn%d.weight", convsOf(c.Block)))
	if !d.has("fc.weight") {
		return fmt.Errorf("the file has %w (fc, linear, classifier.1 or head.fc): it gives features, not classes",
			ErrNoClassifier)
	}
	fc, err := d.shape("fc.weight", 2)
	if err != nil {
		return err
	}
	c.Classes = fc[0]
	n.assume(d, hints)
	return nil
}

func (n *Network) assumed(code, value string) { n.Assumed = append(n.Assumed, Assumption{code, value}) }

// assume fills in what the tensors do not determine.
func (n *Network) assume(d *dict, hints Hints) {
	c := &n.Config
	if c.Block == resnet.Bottleneck {
		if c.StrideIn = hints.StrideIn; c.StrideIn == "" {
			c.StrideIn = resnet.StrideIn3x3
			n.assumed(AssumedStrideIn, string(c.StrideIn))
		}
	}
	if c.NormEpsilon = hints.NormEpsilon; c.NormEpsilon == 0 {
		c.NormEpsilon = 1e-5
		n.assumed(AssumedNormEpsilon, "1e-05")
	}
	if c.NoLastNorm {
		c.LinearStem = true
		n.assumed(AssumedLinearStem, strconv.FormatBool(c.LinearStem))
	}
	if c.Shortcut == resnet.ShortcutPad {
		where := "behind"
		if d.padsBothSides(*c) {
			where = "both"
		}
		n.assumed(AssumedPad, where)
	}
	if !d.has("fc.bias") {
		d.tensors["fc.bias"] = weights.Tensor{Name: "fc.bias", DType: weights.F16, Shape: []int{c.Classes},
			Data: make([]byte, 2*min(c.Classes, 1<<17))}
		d.theirs["fc.bias"] = "fc.bias"
		d.order = append(d.order, "fc.bias")
		n.assumed(AssumedBias, "0")
	}
}

// padsBothSides reports whether a network without weights in its shortcuts is of the family that pads on both sides,
// which calls its classifier linear.
func (d *dict) padsBothSides(c resnet.Config) bool {
	return c.Shortcut == resnet.ShortcutPad && strings.HasSuffix(d.theirs["fc.weight"], "linear.weight")
}

// layers counts the blocks of each stage. Neither stages nor blocks may have gaps.
func (d *dict) layers() ([]int, error) {
	var layers []int
	for stage := 1; d.has(fmt.Sprintf("layer%d.0.conv1.weight", stage)); stage++ {
		block := 1
		for d.has(fmt.Sprintf("layer%d.%d.conv1.weight", stage, block)) {
			block++
		}
		layers = append(layers, block)
	}
	if len(layers) == 0 || len(layers) > 6 {
		return nil, fmt.Errorf("the network has %d stages; 1 to 6 are known", len(layers))
	}
	return layers, nil
}

// blocks derives the kind and the widths of the blocks from the first block.
func (d *dict) blocks(c *resnet.Config) error {
	c.Block = resnet.Basic
	if d.has("layer1.0.conv3.weight") {
		c.Block = resnet.Bottleneck
	}
	first, err := d.shape("layer1.0.conv1.weight", 4)
	if err != nil {
		return err
	}
	second, err := d.shape("layer1.0.conv2.weight", 4)
	if err != nil {
		return err
	}
	lastName := fmt.Sprintf("layer1.0.conv%d.weight", convsOf(c.Block))
	last, err := d.shape(lastName, 4)
	if err != nil {
		return err
	}
	if last[0]%c.Width != 0 {
		return fmt.Errorf("tensor %.80q has the shape %v: a block's %d channels are no multiple of the stem's %d",
			d.theirs[lastName], last, last[0], c.Width)
	}
	c.Expansion = last[0] / c.Width
	if c.Block == resnet.Bottleneck {
		if first[0]%second[1] != 0 {
			return fmt.Errorf("tensor %.80q has the shape %v: %d channels cannot be cut into groups of %d",
				d.theirs["layer1.0.conv2.weight"], second, first[0], second[1])
		}
		inner := first[0]
		c.Groups = inner / second[1]
		c.GroupWidth = GroupWidth(c.Width, inner/c.Groups)
		if c.Width*c.GroupWidth/64*c.Groups != inner {
			return fmt.Errorf("tensor %.80q has the shape %v: %d channels in %d groups do not go with a stem of %d",
				d.theirs["layer1.0.conv1.weight"], first, inner, c.Groups, c.Width)
		}
		if c.Groups == 1 && c.GroupWidth == 64 { // an ordinary bottleneck, for which a Config has zeros
			c.Groups, c.GroupWidth = 0, 0
		}
	}
	if len(c.Layers) > 1 && !d.has("layer2.0.downsample.0.weight") {
		c.Shortcut = resnet.ShortcutPad
	}
	return nil
}

// GroupWidth is torchvision's width_per_group for bottlenecks whose 3×3 has channels channels in each group of the
// first stage, where the stem has width channels: the smallest value for which int(width·GroupWidth/64) is channels.
func GroupWidth(width, channels int) int { return (64*channels + width - 1) / width }

// convsOf is the number of convolutions in a block's F.
func convsOf(b resnet.Block) int {
	if b == resnet.Basic {
		return 2
	}
	return 3
}

// refuseOddNorms returns an error for norms that are not batch norms, and for shortcuts that do more than project.
// Their tensors have the names of ours.
func (d *dict) refuseOddNorms() error {
	for _, name := range d.order {
		t := d.tensors[name]
		if len(t.Shape) == 4 && hasField(name[:len(name)-len(".weight")], "running_mean") {
			return fmt.Errorf("tensor %.80q is a convolution where a norm is expected: it belongs to a shortcut that "+
				"pools before its convolution (ResNet-D), which is not supported", d.theirs[name])
		}
	}
	if d.anyOf("running_mean") {
		return nil
	}
	for _, name := range d.order {
		if layer, ok := cutField(name, "bias"); ok && layer != "fc" {
			return fmt.Errorf("tensor %.80q belongs to a norm without running statistics (group or layer "+
				"normalisation, BiT), which is not supported", d.theirs[name])
		}
	}
	return errors.New("the network has no batch norms; its convolutions seem to be folded with them, which only ONNX " +
		"files may be")
}

func (d *dict) anyOf(field string) bool {
	return slices.ContainsFunc(d.order, func(name string) bool { _, ok := cutField(name, field); return ok })
}
