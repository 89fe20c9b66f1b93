package modelfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// preprocessor reads a preprocessor_config.json of Hugging Face transformers.
func (a *about) preprocessor(text []byte) error {
	var c struct {
		Type       string    `json:"image_processor_type"`
		OldType    string    `json:"feature_extractor_type"`
		Size       side      `json:"size"`
		CropSize   side      `json:"crop_size"`
		CenterCrop *bool     `json:"do_center_crop"`
		CropPart   float64   `json:"crop_pct"`
		Resample   *int      `json:"resample"`
		Rescales   *bool     `json:"do_rescale"`
		Rescale    float32   `json:"rescale_factor"`
		Normalises *bool     `json:"do_normalize"`
		Mean       []float32 `json:"image_mean"`
		Std        []float32 `json:"image_std"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	p := &pictures{size: c.Size.length, shortSide: c.Size.length, rescale: 1. / 255, mean: c.Mean, std: c.Std,
		interpolation: "bilinear"}
	no := func(b *bool) bool { return b != nil && !*b }
	convNext := c.CropPart != 0 || strings.Contains(c.Type+c.OldType, "ConvNext")
	switch {
	case c.CenterCrop != nil && *c.CenterCrop && c.CropSize.length > 0:
		p.size = c.CropSize.length
		p.shortSide = max(p.shortSide, p.size)
	case convNext && c.Size.length < 384:
		// ConvNextImageProcessor, which transformers' ResNets use, crops the centre below 384 pixels; from there on it
		// resizes the whole picture.
		part := c.CropPart
		if part == 0 {
			part = 0.875
		}
		if !(part > 0.01 && part <= 1) {
			return fmt.Errorf("a crop_pct of %v is not in 0.01…1", part)
		}
		p.shortSide = int(float64(p.size) / part)
	case c.Size.length > 0:
		p.squash = convNext || c.Size.square
	}
	if no(c.Rescales) {
		p.rescale = 1
	} else if c.Rescale != 0 {
		p.rescale = c.Rescale
	}
	if no(c.Normalises) {
		p.mean, p.std = []float32{0, 0, 0}, []float32{1, 1, 1}
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

// side is a size: 224, {"shortest_edge": 224} or {"height": 224, "width": 224}.
type side struct {
	length int
	square bool // given as height and width
}

func (s *side) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &s.length) == nil {
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
	if edges.Height != edges.Width {
		return errors.New("the network takes pictures that are not square")
	}
	*s = side{max(edges.Shortest, edges.Height), edges.Height > 0}
	return nil
}
