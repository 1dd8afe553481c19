#!/usr/bin/env bash
# Cuts soundfonts/harmonium-gm.sf3 out of FluidR3Mono_GM.sf3 (Debian's fluidr3mono-gm-soundfont, MIT).
# SOURCE=FILE names another place for it.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

source_font=${SOURCE:-}
for folder in /usr/share/sounds/sf3 /usr/local/share/sounds/sf3 /usr/share/soundfonts; do
    [ -n "$source_font" ] || [ ! -e "$folder/FluidR3Mono_GM.sf3" ] || source_font=$folder/FluidR3Mono_GM.sf3
done
[ -n "$source_font" ] || stop "FluidR3Mono_GM.sf3 is not here. On Debian and Ubuntu:
  sudo apt-get install fluidr3mono-gm-soundfont
  Elsewhere: make soundfont SOURCE=FILE"

# piano, electric piano, celesta, vibraphone, marimba, organ, reed organ, nylon guitar, two basses and a
# synthetic one, violin, harp, strings (played, synthetic), choir, trumpet, oboe, clarinet, flute, ocarina,
# two leads, pad, kalimba; the kit with its 25 usual keys.
python3 scripts/cut_soundfont.py "$source_font" soundfonts/harmonium-gm.sf3 \
    --name "Harmonium GM (cut of FluidR3Mono)" --kit-keys 35-59 \
    --presets 0:0,0:4,0:8,0:11,0:12,0:16,0:20,0:24,0:32,0:33,0:38,0:40,0:46,0:48,0:50,0:52,0:56,0:68,0:71,0:73,0:79,0:80,0:81,0:89,0:108,128:0
python3 scripts/check_soundfont.py soundfonts/harmonium-gm.sf3
