//! What draws the window: OpenGL, and on Windows one graphics interface after another until one works.

use eframe::{CreationContext, NativeOptions};

pub(super) use system::{Loss, Renderer};

/// wgpu would choose by itself, but among those that say they are there. Some fail all the same.
#[cfg(any(windows, target_os = "macos"))]
mod system {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use eframe::{
        egui_wgpu::{WgpuSetup, WgpuSetupCreateNew},
        wgpu::{Backends, DeviceLostReason, PowerPreference},
    };

    use super::{CreationContext, NativeOptions};

    /// A graphics interface, by the name that `WGPU_BACKEND` has for it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in super::super) struct Renderer {
        pub name: &'static str,
        backend: Backends,
    }

    const ALL: &[Renderer] = if cfg!(windows) {
        &[
            Renderer { name: "dx12", backend: Backends::DX12 },
            Renderer { name: "vulkan", backend: Backends::VULKAN },
            Renderer { name: "gl", backend: Backends::GL },
        ]
    } else {
        &[Renderer { name: "metal", backend: Backends::METAL }]
    };

    /// What wgpu chooses from, where it is set.
    const CHOICE: &str = "WGPU_BACKEND";

    impl Renderer {
        /// Those to try, in this order.
        pub(in super::super) fn all() -> Vec<Self> {
            let chosen = Backends::from_env().unwrap_or(Backends::all());
            ALL.iter().copied().filter(|one| chosen.contains(one.backend)).collect()
        }

        /// Has the window drawn by this one, on the graphics card that needs the least power: text and lines need no other.
        pub(in super::super) fn choose(self, options: &mut NativeOptions) {
            let mut setup = WgpuSetupCreateNew::without_display_handle();
            setup.instance_descriptor.backends = self.backend;
            setup.power_preference = PowerPreference::from_env().unwrap_or(PowerPreference::LowPower);
            options.wgpu_options.wgpu_setup = WgpuSetup::CreateNew(setup);
        }

        /// Has `program` choose among these.
        pub(in super::super) fn hand_on(rest: &[Self], program: &mut std::process::Command) {
            let names: Vec<_> = rest.iter().map(|one| one.name).collect();
            program.env(CHOICE, names.join(","));
        }
    }

    /// Whether the renderer failed while the window was open.
    #[derive(Clone, Debug, Default)]
    pub(in super::super) struct Loss(Arc<AtomicBool>);

    impl Loss {
        /// Close the window when its renderer fails: it would show nothing any more, and wgpu would end the program.
        pub(in super::super) fn watch(&self, cc: &CreationContext<'_>) {
            let Some(state) = &cc.wgpu_render_state else { return };
            let (lost, ctx) = (Arc::clone(&self.0), cc.egui_ctx.clone());
            let fail = Arc::new(move |why: &str| {
                if !lost.swap(true, Ordering::SeqCst) {
                    tracing::error!("the renderer failed: {why}");
                    super::super::ending::close_without_asking(&ctx);
                    ctx.request_repaint();
                }
            });
            let also = Arc::clone(&fail);
            state.device.set_device_lost_callback(move |reason, why| {
                if reason != DeviceLostReason::Destroyed {
                    also(&why);
                }
            });
            state.device.on_uncaptured_error(Arc::new(move |error| fail(&error.to_string())));
        }

        pub(in super::super) fn happened(&self) -> bool {
            self.0.load(Ordering::SeqCst)
        }
    }
}

/// There is one; which display it draws on is chosen in `display.rs`.
#[cfg(not(any(windows, target_os = "macos")))]
mod system {
    use super::{CreationContext, NativeOptions};

    /// OpenGL.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in super::super) struct Renderer {
        pub name: &'static str,
    }

    impl Renderer {
        pub(in super::super) fn all() -> Vec<Self> {
            vec![Self { name: "gl" }]
        }

        #[expect(clippy::unused_self, reason = "elsewhere there is a choice")]
        pub(in super::super) fn choose(self, _: &mut NativeOptions) {}

        pub(in super::super) fn hand_on(_: &[Self], _: &mut std::process::Command) {}
    }

    /// A failure while the window is open ends the program.
    #[derive(Clone, Debug, Default)]
    pub(in super::super) struct Loss(());

    impl Loss {
        #[expect(clippy::unused_self, reason = "elsewhere it is noticed")]
        pub(in super::super) fn watch(&self, _: &CreationContext<'_>) {}

        #[expect(clippy::unused_self, reason = "elsewhere it is noticed")]
        pub(in super::super) fn happened(&self) -> bool {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_at_least_one_and_none_twice() {
        let mut names: Vec<_> = Renderer::all().iter().map(|one| one.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert!(all > 0 && names.len() == all, "{names:?}");
        #[cfg(windows)]
        assert_eq!(Renderer::all().iter().map(|one| one.name).collect::<Vec<_>>(), ["dx12", "vulkan", "gl"]);
    }

    #[cfg(windows)]
    #[test]
    fn what_is_left_is_handed_on() {
        let mut program = std::process::Command::new("sockhop");
        Renderer::hand_on(&Renderer::all()[1..], &mut program);
        assert!(program.get_envs().any(|(_, value)| value == Some("vulkan,gl".as_ref())));
    }
}
