package modelfile

import (
	"cmp"
	_ "embed" // for ImageNet's labels
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// imagenet lists the 1,000 classes of ImageNet's challenge in the order of all its networks, one a line.
//
//go:embed imagenet.txt
var imagenet string

// card describes how the network is used, from the side files and, where they say nothing, from common defaults.
func (o *Opened) card(a *about, name string) (weights.Card, error) {
	labels := o.labelsFor(a)
	base := strings.TrimSuffix(path.Base(strings.ReplaceAll(name, "\\", "/")), path.Ext(name))
	title := printable(base)
	if title == "" || title == "." {
		title = Architecture(o.Config)
	}
	c := weights.Card{
		// The checksum tells apart other files with the same name, and the prefix the networks that come with the
		// program.
		Model:         fmt.Sprintf("own-%s-%08x", slug(base), o.Sum),
		Title:         title,
		Interpolation: "bilinear",
		ChannelOrder:  "RGB",
		Rescale:       1. / 255,
		Mean:          [3]float32{0.485, 0.456, 0.406},
		Std:           [3]float32{0.229, 0.224, 0.225},
		Labels:        labels,
		Source:        printable(a.source),
	}
	o.Notes = append(o.Notes, a.notes...)
	if err := o.prepare(&c, a); err != nil {
		return c, err
	}
	if err := o.activate(&c, a); err != nil {
		return c, err
	}
	if len(c.Labels) == 0 {
		c.Labels = []string{}
		switch o.Config.Classes {
		case 1000:
			c.Labels = strings.Split(strings.TrimSpace(imagenet), "\n")
			o.note(NoteLabels, "imagenet")
		case 1:
			o.note(NoteLabels, "yes-no")
		default:
			o.note(NoteLabels, "numbers")
		}
	}
	_, err := c.Encode() // for its checks
	return c, err
}

// prepare fills in how pictures are prepared.
func (o *Opened) prepare(c *weights.Card, a *about) error {
	p := a.pictures
	if p == nil {
		p = &pictures{}
	}
	if p.mean == nil || p.std == nil {
		o.note(NotePreprocessing, "imagenet")
	} else {
		if len(p.mean) != 3 || len(p.std) != 3 {
			return fmt.Errorf("there are %d means and %d standard deviations for three channels", len(p.mean),
				len(p.std))
		}
		c.Mean, c.Std, c.Rescale = [3]float32(p.mean), [3]float32(p.std), p.rescale
	}
	if p.bgr {
		c.ChannelOrder = "BGR"
	}
	o.prepareSize(c, a, *p)
	for _, other := range p.otherwise {
		o.note(NoteResize, other)
	}
	switch {
	case slices.Contains(weights.Interpolations, p.interpolation):
		c.Interpolation = p.interpolation
	case p.interpolation != "":
		o.note(NoteInterpolation, printable(p.interpolation))
	}
	return nil
}

// prepareSize fills in the sizes. Those that a graph fixes come before those of the side files.
func (o *Opened) prepareSize(c *weights.Card, a *about, p pictures) {
	given := p.height != 0
	height := cmp.Or(a.graphHeight, p.height, a.graphWidth, o.Config.InputSize())
	width := cmp.Or(a.graphWidth, p.width, a.graphHeight, o.Config.InputSize())
	shape := fmt.Sprintf("%dx%d", height, width)
	switch {
	case given && (height != p.height || width != p.width):
		o.note(NoteGraphSize, shape)
		p.resizeHeight, p.resizeWidth = p.resizeHeight*height/p.height, p.resizeWidth*width/p.width
	case !given && (a.graphHeight == 0 || a.graphWidth == 0):
		o.note(NoteInputSize, strconv.Itoa(height))
	}
	switch {
	case given:
	case height != width: // as networks that recognise persons have it
		o.note(NoteInputShape, shape)
		p.resizeHeight, p.resizeWidth, p.squash = height, width, true
	case o.Config.Stem == resnet.StemImageNet: // 256 for 224, as in He and others (2016)
		p.resizeHeight, p.resizeWidth = height*256/224, width*256/224
	default:
		p.resizeHeight, p.resizeWidth = height, width
	}
	if c.InputSize = height; height != width {
		c.InputSize, c.InputHeight, c.InputWidth = 0, height, width
	}
	if c.ShortSide = p.resizeHeight; p.squash || p.resizeHeight != p.resizeWidth {
		c.ShortSide, c.ResizeHeight, c.ResizeWidth, c.Squash = 0, p.resizeHeight, p.resizeWidth, p.squash
	}
}

// Architecture gives the usual name of a structure: "ResNet-50", "ResNeXt-50 32×4d", "Wide ResNet-50-2", "ResNet-50
// v2"; "Plain-56" without shortcuts, as in He and others (2016).
func Architecture(c resnet.Config) string {
	depth, convs := 2, 2
	if c.Block == resnet.Bottleneck {
		convs = 3
	}
	for _, n := range c.Layers {
		depth += convs * n
	}
	name := fmt.Sprintf("ResNet-%d", depth)
	switch groups, width := max(1, c.Groups), c.GroupWidth; {
	case groups > 1:
		name = fmt.Sprintf("ResNeXt-%d %d×%dd", depth, groups, max(width, 1))
	case width > 64:
		name = fmt.Sprintf("Wide ResNet-%d-%d", depth, width/64)
	}
	if c.Join == resnet.JoinNone {
		name = fmt.Sprintf("Plain-%d", depth)
	}
	if c.PreActivation {
		name += " v2"
	}
	return name
}

// slug turns a file's name into a part of a model's name.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '.':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == 40 {
			break
		}
	}
	if s = strings.Trim(b.String(), "-."); s == "" {
		return "network"
	}
	return s
}

// printable removes what cannot be shown in a line, and shortens the text to what a card may hold.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if strconv.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, ""))
	return strings.ToValidUTF8(s[:min(len(s), 200)], "")
}
