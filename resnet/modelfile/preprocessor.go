package modelfile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// processor is a preprocessor_config.json of Hugging Face transformers.
type processor struct {
	Type        string    `json:"image_processor_type"`
	OldType     string    `json:"feature_extractor_type"`
	Resizes     *bool     `json:"do_resize"`
	Size        side      `json:"size"`
	CropSize    side      `json:"crop_size"`
	CenterCrop  *bool     `json:"do_center_crop"`
	CropPart    float64   `json:"crop_pct"`
	Resample    *int      `json:"resample"`
	Rescales    *bool     `json:"do_rescale"`
	Rescale     float32   `json:"rescale_factor"`
	Offsets     bool      `json:"rescale_offset"`
	Normalises  *bool     `json:"do_normalize"`
	Mean        []float32 `json:"image_mean"`
	Std         []float32 `json:"image_std"`
	FlipsOrder  bool      `json:"do_flip_channel_order"`
	Pads        bool      `json:"do_pad"`
	IncludesTop bool      `json:"include_top"`
	SizeDivisor int       `json:"size_divisor"`
	PadSize     *side     `json:"pad_size"`
	GreyScale   bool      `json:"do_grayscale"`
	Thumbnails  bool      `json:"do_thumbnail"`
	AlignsLong  bool      `json:"do_align_long_axis"`
}

// processors lists the image processors of transformers whose steps are followed here, by the beginnings of their
// names.
var processors = []string{"ConvNext", "ConvNeXT", "ViT", "DeiT", "CLIP", "Bit", "Beit", "MobileNet", "MobileViT"}

// preprocessor reads a preprocessor_config.json of Hugging Face transformers.
func (a *about) preprocessor(text []byte) error {
	var c processor
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	if c.Type == "" {
		c.Type = c.OldType
	}
	if c.Type != "" && !c.is(processors...) {
		a.notes = append(a.notes, Note{NoteProcessor, printable(c.Type)})
	}
	p := &pictures{interpolation: "bilinear"}
	if err := c.sizes(p); err != nil {
		return err
	}
	if err := c.values(p); err != nil {
		return err
	}
	if c.is("DeiT", "CLIP", "Bit", "Beit") {
		p.interpolation = "bicubic"
	}
	if c.Resample != nil {
		names := []string{"nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"} // Pillow's numbers
		if *c.Resample < 0 || *c.Resample >= len(names) {
			return fmt.Errorf("a resample of %d is none of Pillow's", *c.Resample)
		}
		p.interpolation = names[*c.Resample]
	}
	a.pictures = p
	return nil
}

// is reports whether the processor's class begins with one of the names.
func (c processor) is(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(c.Type, name) })
}

// sizes follows the processor's resize and center_crop.
func (c processor) sizes(p *pictures) error {
	no := func(b *bool) bool { return b != nil && !*b }
	h, w := c.Size.height, c.Size.width
	p.height, p.width, p.resizeHeight, p.resizeWidth, p.squash = h, w, h, w, c.Size.exact
	if c.Size.number && c.is("ViT", "DeiT", "Beit") {
		p.squash = true // these take one number for height and width
	}
	convNext := c.CropPart != 0 || c.is("ConvNext", "ConvNeXT")
	crops := c.CropSize.height > 0 && !no(c.CenterCrop)
	switch {
	case h == 0:
		if c.Size.unknown != "" {
			return fmt.Errorf("the size of pictures has the fields %s; shortest_edge, or height and width are known",
				c.Size.unknown)
		}
		if !crops {
			return nil
		}
		p.height, p.width, p.resizeHeight, p.resizeWidth = c.CropSize.height, c.CropSize.width, c.CropSize.height,
			c.CropSize.width
		if p.height != p.width {
			p.squash = true
		}
	case crops:
		p.height, p.width = c.CropSize.height, c.CropSize.width
		if p.height > h || p.width > w { // transformers adds black borders
			p.otherwise = append(p.otherwise, "border")
			p.resizeHeight, p.resizeWidth = max(h, p.height), max(w, p.width)
		}
	case convNext && h == w && h < 384:
		// ConvNextImageProcessor, which transformers' ResNets use, crops the centre below 384 pixels; from there on it
		// resizes the whole picture.
		part := c.CropPart
		if part == 0 {
			part = 0.875
		}
		if !(part > 0.01 && part <= 1) {
			return fmt.Errorf("a crop_pct of %v is not in 0.01…1", part)
		}
		p.resizeHeight, p.squash = int(float64(h)/part), false
		p.resizeWidth = p.resizeHeight
	case convNext:
		p.squash = true
	case !p.squash && !c.Size.number:
		p.otherwise = append(p.otherwise, "whole")
	}
	if no(c.Resizes) {
		p.otherwise = append(p.otherwise, "none")
	}
	if c.Pads || c.PadSize != nil || c.SizeDivisor != 0 || c.Thumbnails || c.AlignsLong {
		p.otherwise = append(p.otherwise, "border")
	}
	p.otherwise = slices.Compact(p.otherwise)
	return p.check()
}

// values follows the processor's rescale, normalize and flip_channel_order.
func (c processor) values(p *pictures) error {
	no := func(b *bool) bool { return b != nil && !*b }
	p.rescale, p.mean, p.std, p.bgr = 1./255, c.Mean, c.Std, c.FlipsOrder
	if no(c.Rescales) {
		p.rescale = 1
	} else if c.Rescale != 0 {
		p.rescale = c.Rescale
	}
	// MobileViT's processor, the one that flips the order, does not normalise.
	plain := no(c.Normalises) || c.FlipsOrder && c.Normalises == nil && c.Mean == nil
	if plain {
		p.mean, p.std = []float32{0, 0, 0}, []float32{1, 1, 1}
	}
	switch same := func(v []float32) bool { return len(v) == 0 || slices.Max(v) == slices.Min(v) }; {
	case c.FlipsOrder && !(same(p.mean) && same(p.std)):
		return fmt.Errorf("the channels are flipped (do_flip_channel_order), and which of them the means %v and the "+
			"deviations %v belong to is not said", p.mean, p.std)
	case c.Offsets && p.mean == nil:
		return fmt.Errorf("the pictures are shifted by 1 (rescale_offset), and their mean is not said")
	case c.IncludesTop:
		return fmt.Errorf("the pictures are normalised twice (include_top), which is not supported")
	case c.GreyScale:
		return fmt.Errorf("the pictures are made grey (do_grayscale), which is not supported")
	case c.Offsets && !no(c.Rescales): // pixel·rescale − 1
		p.mean = slices.Clone(p.mean)
		for i := range p.mean {
			p.mean[i]++
		}
	}
	return nil
}

// check returns an error if the sizes are none.
func (p *pictures) check() error {
	if min(p.height, p.width, p.resizeHeight, p.resizeWidth) < 1 {
		return fmt.Errorf("the network's input size is %d×%d, of pictures resized to %d×%d (height × width): all must "+
			"be positive", p.height, p.width, p.resizeHeight, p.resizeWidth)
	}
	return nil
}

// side is a size: 224, {"shortest_edge": 224} or {"height": 224, "width": 112}.
type side struct {
	height, width int
	exact         bool   // given as height and width
	number        bool   // given as one number
	unknown       string // other fields, if there are none of these
}

func (s *side) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &s.height) == nil {
		s.width, s.number = s.height, s.height != 0
		return nil
	}
	var edges struct {
		Shortest int `json:"shortest_edge"`
		Height   int `json:"height"`
		Width    int `json:"width"`
	}
	if err := json.Unmarshal(b, &edges); err != nil {
		return err
	}
	switch *s = (side{}); {
	case edges.Height != 0 || edges.Width != 0:
		*s = side{height: edges.Height, width: edges.Width, exact: true}
	case edges.Shortest != 0:
		*s = side{height: edges.Shortest, width: edges.Shortest}
	default:
		s.unknown = printable(string(b))
	}
	return nil
}
