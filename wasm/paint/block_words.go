package paint

import "github.com/seed8935e608/residua/wasm/proto"

func (s *blockScene) words(v *View) {
	if len(v.shelf.channels) == 0 {
		return
	}
	for k, name := range proto.ViewTensors {
		col := &s.columns[k]
		tone := Plain
		switch proto.Tensor(k) {
		case proto.TensorX:
			tone = ToneX
		case proto.TensorF:
			tone = ToneF
		}
		if s.narrow {
			v.label("view.head."+string(name)+".short", col.head, 13, Start, tone, nil)
			v.label("view.head."+string(name)+".short", col.name, 12, Start, tone, nil)
		} else {
			key := "view.head." + string(name)
			if col.head.w < 190 {
				key += ".short"
			}
			v.label(key, col.head, 13, Start, tone, nil)
		}
		if v.shelf.come && !col.scale.empty() {
			v.legendWords(col.scale, v.shelf.scales[k])
		}
	}
	b := &v.trace.Blocks[v.shelf.key.Block]
	v.label("view.side.ratio", s.facts[0], 12, Start, Quiet, map[string]Value{"ratio": number(ratioOf(b), Fixed)})
	v.label("view.side.cosine", s.facts[1], 12, Start, Quiet, map[string]Value{"cosine": number(float64(b.Cosine), Fixed)})
	v.label("view.side.size", s.facts[2], 12, Start, Quiet, map[string]Value{
		"height": whole(b.Height), "width": whole(b.Width), "channels": whole(b.Channels)})
	if s.sign.h > 0 {
		plan := s.signPlan()
		if v.ablation(v.shelf.key.Block) != proto.AblateResidual {
			v.label("view.f", plan.f, min(0.62*plan.f.h, 14), Middle, ToneF, nil)
		}
		if b.Projection {
			v.label("view.project", plan.project, min(0.8*plan.project.h, 0.45*plan.project.w, 12), Middle, ToneX, nil)
		}
	}
}

// tips says which channel is enlarged, and the four values of the place that is pointed at.
func (s *blockScene) tips(v *View) {
	if len(v.shelf.channels) == 0 {
		return
	}
	place := s.focus(v)
	if !v.shelf.has(place) {
		return
	}
	values := map[string]Value{"channel": whole(v.shelf.channels[place]), "y": whole(v.pointed.y), "x": whole(v.pointed.x)}
	if v.pointed.part != proto.PartChannel || v.pointed.y < 0 {
		v.label("view.channel", s.title, 13, Start, Strong, values)
		return
	}
	v.label("view.channel.at", s.title, 13, Start, Strong, values)
	for k := range s.columns {
		t := s.target(v, k, place, v.pointed.y, v.pointed.x)
		v.label("view.value", s.columns[k].value, 12, Start, Plain, map[string]Value{"value": number(t.value, Short)})
	}
}
